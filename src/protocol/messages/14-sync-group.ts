// SyncGroup, versions 0 to 5. The leader of a classic group hands in the assignment, every member fetches its own.
//   v3 static members (KIP-345) · v4 flexible · v5 protocol type and name are checked (KIP-559)
import { api, array, bytes, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const SyncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.since(3).nullable().default(null).doc('Set for static members (KIP-345).'),
    protocolType: string
      .since(5)
      .nullable()
      .default(null)
      .ignorable()
      .doc("'consumer' for consumers, 'connect' for Connect workers."),
    protocolName: string.since(5).nullable().default(null).ignorable(),
    assignments: array({ memberId: string, assignment: bytes }),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    errorCode,
    protocolType: string
      .since(5)
      .nullable()
      .default(null)
      .ignorable()
      .doc("'consumer' for consumers, 'connect' for Connect workers."),
    protocolName: string.since(5).nullable().default(null).ignorable(),
    assignment: bytes,
  },
});
export interface SyncGroupRequest extends RequestOf<typeof SyncGroup> {}
export interface SyncGroupResponse extends ResponseOf<typeof SyncGroup> {}
