// JoinGroup, versions 0 to 9. A classic group member joins, or joins again; the answer comes when the rebalance is
// complete.
//   v1 rebalance time-out apart from the session's (KIP-62) · v4 a member id must be fetched first (KIP-394)
//   v5 static members (KIP-345) · v6 flexible · v7 protocol type in the answer (KIP-559) · v8 reason (KIP-800)
//   v9 a static leader may keep the assignment (KIP-814)
import { api, array, bool, bytes, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const JoinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId,
    sessionTimeoutMs: int32.doc('A member that is silent for longer is thrown out.'),
    rebalanceTimeoutMs: int32
      .since(1)
      .default(-1)
      .ignorable()
      .doc('How long members may take to join again, or to give up partitions.'),
    memberId: string.doc('Empty when joining for the first time.'),
    groupInstanceId: string.since(5).nullable().default(null).doc('Set for static members (KIP-345).'),
    protocolType: string.doc("'consumer' for consumers, 'connect' for Connect workers."),
    protocols: array({ name: string.mapKey(), metadata: bytes }).doc('In the order the member prefers them.'),
    reason: string.since(8).nullable().default(null).ignorable().doc('For the log of the broker.'),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(2).ignorable(),
    errorCode,
    generationId: int32.default(-1),
    protocolType: string
      .since(7)
      .nullable()
      .default(null)
      .ignorable()
      .doc("'consumer' for consumers, 'connect' for Connect workers."),
    protocolName: string.nullable(7),
    leader: string.doc('Member id of the leader.'),
    skipAssignment: bool.since(9).default(false).doc('true: the leader need not assign anew.'),
    memberId: string,
    members: array({
      memberId: string,
      groupInstanceId: string.since(5).nullable().default(null).ignorable().doc('Set for static members (KIP-345).'),
      metadata: bytes,
    }).doc('Only the leader gets them.'),
  },
});
export interface JoinGroupRequest extends RequestOf<typeof JoinGroup> {}
export interface JoinGroupResponse extends ResponseOf<typeof JoinGroup> {}
