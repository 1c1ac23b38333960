// ReadShareGroupStateSummary, versions 0 to 1, flexible. Start offset and epochs of share partitions, without their
// batches (KIP-932).
//   v1 number of deliveries completed (KIP-1226)
import { api, array, int32, int64, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode } from './fields.ts';

export const ReadShareGroupStateSummary = api({
  key: 87,
  name: 'ReadShareGroupStateSummary',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({ topicId: uuid, partitions: array({ partition: int32, leaderEpoch: int32 }) }),
  },
  response: {
    results: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        errorCode,
        errorMessage: string.nullable().default(null),
        stateEpoch: int32.doc('Set by the group coordinator; a stale one is fenced.'),
        leaderEpoch: int32,
        startOffset: int64,
        deliveryCompleteCount: int32
          .since(1)
          .default(-1)
          .ignorable()
          .doc('Records at or above the start offset that are done with; -1 when not known.'),
      }),
    }),
  },
});
export interface ReadShareGroupStateSummaryRequest extends RequestOf<typeof ReadShareGroupStateSummary> {}
export interface ReadShareGroupStateSummaryResponse extends ResponseOf<typeof ReadShareGroupStateSummary> {}
