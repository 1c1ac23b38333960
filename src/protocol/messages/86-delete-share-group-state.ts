// DeleteShareGroupState, version 0, flexible. The group coordinator has the state of share partitions deleted
// (KIP-932).
import { api, array, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode } from './fields.ts';

export const DeleteShareGroupState = api({
  key: 86,
  name: 'DeleteShareGroupState',
  versions: [0, 0],
  flexible: 0,
  request: { groupId: string, topics: array({ topicId: uuid, partitions: array({ partition: int32 }) }) },
  response: {
    results: array({
      topicId: uuid,
      partitions: array({ partition: int32, errorCode, errorMessage: string.nullable().default(null) }),
    }),
  },
});
export interface DeleteShareGroupStateRequest extends RequestOf<typeof DeleteShareGroupState> {}
export interface DeleteShareGroupStateResponse extends ResponseOf<typeof DeleteShareGroupState> {}
