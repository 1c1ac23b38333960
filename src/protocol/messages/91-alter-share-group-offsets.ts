// AlterShareGroupOffsets, version 0, flexible. Sets start offsets of share groups (KIP-932).
import { api, array, int32, int64, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const AlterShareGroupOffsets = api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId,
    topics: array({ topicName: topicName.mapKey(), partitions: array({ partitionIndex: int32, startOffset: int64 }) }),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    responses: array({
      topicName: topicName.mapKey(),
      topicId: uuid,
      partitions: array({ partitionIndex: int32, errorCode, errorMessage: string.nullable().default(null) }),
    }),
  },
});
export interface AlterShareGroupOffsetsRequest extends RequestOf<typeof AlterShareGroupOffsets> {}
export interface AlterShareGroupOffsetsResponse extends ResponseOf<typeof AlterShareGroupOffsets> {}
