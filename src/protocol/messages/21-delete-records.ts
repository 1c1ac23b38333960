// DeleteRecords, versions 0 to 2. Moves the start of logs forward (KIP-107).
//   v2 flexible
import { api, array, int32, int64, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, throttleTimeMs, topicName } from './fields.ts';

export const DeleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexible: 2,
  request: {
    topics: array({ name: topicName, partitions: array({ partitionIndex: int32, offset: int64 }) }),
    timeoutMs: int32.doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
  },
  response: {
    throttleTimeMs,
    topics: array({
      name: topicName.mapKey(),
      partitions: array({
        partitionIndex: int32.mapKey(),
        lowWatermark: int64.doc('The new start of the log.'),
        errorCode,
      }),
    }),
  },
});
export interface DeleteRecordsRequest extends RequestOf<typeof DeleteRecords> {}
export interface DeleteRecordsResponse extends ResponseOf<typeof DeleteRecords> {}
