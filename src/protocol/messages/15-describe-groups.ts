// DescribeGroups, versions 0 to 6. State and members of classic groups.
//   v3 authorized operations (KIP-430) · v4 instance ids (KIP-345) · v5 flexible
//   v6 GROUP_ID_NOT_FOUND instead of a dead group, with a message (KIP-1043)
import { api, array, bool, bytes, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const DescribeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexible: 5,
  request: { groups: array(groupId), includeAuthorizedOperations: bool.since(3) },
  response: {
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    groups: array({
      errorCode,
      errorMessage: string.since(6).nullable().default(null),
      groupId,
      groupState: string,
      protocolType: string.doc("'consumer' for consumers, 'connect' for Connect workers."),
      protocolData: string.doc('Name of the assignor that was chosen.'),
      members: array({
        memberId: string,
        groupInstanceId: string.since(4).nullable().default(null).ignorable().doc('Set for static members (KIP-345).'),
        clientId: string,
        clientHost: string,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      authorizedOperations: int32
        .since(3)
        .default(-0x8000_0000)
        .doc('Bits by operation code; the lowest int32 when not asked for.'),
    }),
  },
});
export interface DescribeGroupsRequest extends RequestOf<typeof DescribeGroups> {}
export interface DescribeGroupsResponse extends ResponseOf<typeof DescribeGroups> {}
