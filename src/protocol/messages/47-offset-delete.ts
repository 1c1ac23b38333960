// OffsetDelete, version 0, never flexible. Deletes committed offsets of topics that a group no longer reads (KIP-496).
import { api, array, int32, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const OffsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  request: { groupId, topics: array({ name: topicName.mapKey(), partitions: array({ partitionIndex: int32 }) }) },
  response: {
    errorCode,
    throttleTimeMs,
    topics: array({ name: topicName.mapKey(), partitions: array({ partitionIndex: int32.mapKey(), errorCode }) }),
  },
});
export interface OffsetDeleteRequest extends RequestOf<typeof OffsetDelete> {}
export interface OffsetDeleteResponse extends ResponseOf<typeof OffsetDelete> {}
