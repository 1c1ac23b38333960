// OffsetForLeaderEpoch, versions 2 to 4. Where a leader epoch ended: how a replica or consumer finds out that its log
// was cut (KIP-101, KIP-320).
//   v3 replica id (KIP-392) · v4 flexible
import { api, array, int32, int64, type RequestOf, type ResponseOf } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const OffsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexible: 4,
  request: {
    replicaId: brokerId
      .since(3)
      .default(-2)
      .ignorable()
      .doc('-1 for consumers, -2 for debugging tools, else a broker id.'),
    topics: array({
      topic: topicName.mapKey(),
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32.default(-1).doc("The client's view; -1: do not check (KIP-320)."),
        leaderEpoch: int32,
      }),
    }),
  },
  response: {
    throttleTimeMs,
    topics: array({
      topic: topicName.mapKey(),
      partitions: array({ errorCode, partition: int32, leaderEpoch: int32.default(-1), endOffset: int64.default(-1) }),
    }),
  },
});
export interface OffsetForLeaderEpochRequest extends RequestOf<typeof OffsetForLeaderEpoch> {}
export interface OffsetForLeaderEpochResponse extends ResponseOf<typeof OffsetForLeaderEpoch> {}
