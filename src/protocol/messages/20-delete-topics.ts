// DeleteTopics, versions 1 to 6. Deletes topics by name, or by id from version 6 on.
//   v3 TOPIC_DELETION_DISABLED · v4 flexible · v5 messages; mutation quota (KIP-599) · v6 topic ids (KIP-516)
import { api, array, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs, topicName } from './fields.ts';

export const DeleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexible: 4,
  request: {
    topics: array({ name: topicName.nullable().default(null), topicId: uuid }).since(6),
    topicNames: array(topicName).until(5).ignorable(),
    timeoutMs: int32.doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
  },
  response: {
    throttleTimeMs,
    responses: array({
      name: topicName.nullable(6).mapKey(),
      topicId: uuid.since(6).ignorable(),
      errorCode,
      errorMessage: string.since(5).nullable().default(null).ignorable(),
    }),
  },
});
export interface DeleteTopicsRequest extends RequestOf<typeof DeleteTopics> {}
export interface DeleteTopicsResponse extends ResponseOf<typeof DeleteTopics> {}
