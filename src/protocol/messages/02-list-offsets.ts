// ListOffsets, versions 1 to 11. Offsets by time: the first record at or after a timestamp, or one of the special
// timestamps (-1 latest, -2 earliest, -3 largest timestamp, -4 earliest local, -5 latest tiered, -6 earliest not yet
// uploaded).
//   v1 one offset by timestamp (KIP-79) · v2 isolation level (KIP-98) · v4 leader epochs (KIP-320) · v6 flexible
//   v7 -3 (KIP-734) · v8 -4 (KIP-405) · v9 -5 (KIP-1005) · v10 time-out for offsets in remote storage (KIP-1075)
//   v11 -6 (KIP-1023)
import { api, array, exactInt64, int32, int64, int8, type RequestOf, type ResponseOf } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const ListOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 11],
  flexible: 6,
  request: {
    replicaId: brokerId.doc('-1 for consumers, -2 for debugging tools, else a broker id.'),
    isolationLevel: int8.since(2).doc('0 read uncommitted, 1 read committed.'),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        currentLeaderEpoch: int32
          .since(4)
          .default(-1)
          .ignorable()
          .doc("The client's view; -1: do not check (KIP-320)."),
        timestamp: exactInt64.doc('Milliseconds, or one of the special values.'),
      }),
    }),
    timeoutMs: int32.since(10).ignorable().doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(2).ignorable(),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        errorCode,
        timestamp: exactInt64.default(-1).doc('Of the record found; -1 where there is none or it does not matter.'),
        offset: int64.default(-1),
        leaderEpoch: int32.since(4).default(-1),
      }),
    }),
  },
});
export interface ListOffsetsRequest extends RequestOf<typeof ListOffsets> {}
export interface ListOffsetsResponse extends ResponseOf<typeof ListOffsets> {}
