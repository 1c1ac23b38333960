// ReadShareGroupState, version 0, flexible. A share-partition leader reads the state of share partitions (KIP-932).
import { api, array, int16, int32, int64, int8, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode } from './fields.ts';

export const ReadShareGroupState = api({
  key: 84,
  name: 'ReadShareGroupState',
  versions: [0, 0],
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
        startOffset: int64,
        stateBatches: array({
          firstOffset: int64,
          lastOffset: int64,
          deliveryState: int8.doc('0 available, 2 acknowledged, 4 archived.'),
          deliveryCount: int16,
        }),
      }),
    }),
  },
});
export interface ReadShareGroupStateRequest extends RequestOf<typeof ReadShareGroupState> {}
export interface ReadShareGroupStateResponse extends ResponseOf<typeof ReadShareGroupState> {}
