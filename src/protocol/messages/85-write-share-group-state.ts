// WriteShareGroupState, versions 0 to 1, flexible. A share-partition leader writes the state of share partitions
// (KIP-932).
//   v1 number of deliveries completed (KIP-1226)
import { api, array, int16, int32, int64, int8, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode } from './fields.ts';

export const WriteShareGroupState = api({
  key: 85,
  name: 'WriteShareGroupState',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        stateEpoch: int32.doc('Set by the group coordinator; a stale one is fenced.'),
        leaderEpoch: int32,
        startOffset: int64.doc('-1: unchanged.'),
        deliveryCompleteCount: int32
          .since(1)
          .default(-1)
          .ignorable()
          .doc('Records at or above the start offset that are done with; -1 when not known.'),
        stateBatches: array({
          firstOffset: int64,
          lastOffset: int64,
          deliveryState: int8.doc('0 available, 2 acknowledged, 4 archived.'),
          deliveryCount: int16,
        }),
      }),
    }),
  },
  response: {
    results: array({
      topicId: uuid,
      partitions: array({ partition: int32, errorCode, errorMessage: string.nullable().default(null) }),
    }),
  },
});
export interface WriteShareGroupStateRequest extends RequestOf<typeof WriteShareGroupState> {}
export interface WriteShareGroupStateResponse extends ResponseOf<typeof WriteShareGroupState> {}
