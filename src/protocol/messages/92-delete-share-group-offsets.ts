// DeleteShareGroupOffsets, version 0, flexible. Deletes start offsets of share groups (KIP-932).
import { api, array, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const DeleteShareGroupOffsets = api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: [0, 0],
  flexible: 0,
  request: { groupId, topics: array({ topicName }) },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    responses: array({ topicName, topicId: uuid, errorCode, errorMessage: string.nullable().default(null) }),
  },
});
export interface DeleteShareGroupOffsetsRequest extends RequestOf<typeof DeleteShareGroupOffsets> {}
export interface DeleteShareGroupOffsetsResponse extends ResponseOf<typeof DeleteShareGroupOffsets> {}
