// DeleteTopics, by name or by id (Kafka: ControllerApis.deleteTopics). One result for each topic that was named; a topic
// that was named twice, however, is not deleted.
import { Errors, errorMessage as textOf, KafkaError, ZERO_UUID } from '../../../protocol/index.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../protocol/messages/20-delete-topics.ts';
import type { MetadataImage, MetadataRecord } from '../../metadata/index.ts';
import type { Outcome } from '../operation.ts';

type Result = DeleteTopicsResponse['responses'][number];

/** Versions before it do not know TOPIC_DELETION_DISABLED. */
const DELETION_DISABLED_SINCE = 3;

/** With delete.topic.enable=false a request fails as a whole, whether its topics exist or not. */
export function deletionDisabled(apiVersion: number): KafkaError {
  if (apiVersion >= DELETION_DISABLED_SINCE) return new KafkaError(Errors.TOPIC_DELETION_DISABLED);
  return new KafkaError(Errors.INVALID_REQUEST, 'Topic deletion is disabled.');
}

export function deleteTopics(image: MetadataImage, request: DeleteTopicsRequest): Outcome<DeleteTopicsResponse> {
  const responses: Result[] = [];
  const { names, ids } = namedTopics(request, responses);
  /** Topic ids to delete, by the name under which they are answered. */
  const doomed = new Map<string, string>();
  for (const id of ids) {
    const topic = image.topics.byId.get(id);
    if (topic === undefined) {
      responses.push(result(null, id, Errors.UNKNOWN_TOPIC_ID, textOf(Errors.UNKNOWN_TOPIC_ID)));
    } else {
      doomed.set(id, topic.name);
    }
  }
  for (const name of names) {
    const topic = image.topics.byName.get(name);
    if (topic === undefined) {
      const text = textOf(Errors.UNKNOWN_TOPIC_OR_PARTITION);
      responses.push(result(name, ZERO_UUID, Errors.UNKNOWN_TOPIC_OR_PARTITION, text));
    } else if (doomed.delete(topic.id)) {
      const text = 'The provided topic name maps to an ID that was already supplied.';
      responses.push(result(name, topic.id, Errors.INVALID_REQUEST, text));
    } else {
      doomed.set(topic.id, name);
    }
  }
  const records: MetadataRecord[] = [];
  for (const [topicId, name] of doomed) {
    records.push({ type: 'RemoveTopicRecord', version: 0, topicId });
    responses.push(result(name, topicId, Errors.NONE, null));
  }
  return { records, response: { throttleTimeMs: 0, responses } };
}

/** Names and ids that stand once in the request; the others are answered at once. */
function namedTopics(
  request: DeleteTopicsRequest,
  responses: Result[],
): { readonly names: Set<string>; readonly ids: Set<string> } {
  const names = new Set<string>();
  const ids = new Set<string>();
  const repeatedNames = new Set<string>();
  const repeatedIds = new Set<string>();
  const add = (item: string, items: Set<string>, repeated: Set<string>): void => {
    if (!items.has(item) && !repeated.has(item)) items.add(item);
    else if (items.delete(item)) repeated.add(item);
  };
  for (const name of request.topicNames) add(name, names, repeatedNames);
  for (const { name, topicId } of request.topics) {
    if (name === null && topicId === ZERO_UUID) {
      responses.push(result(null, topicId, Errors.INVALID_REQUEST, 'Neither topic name nor id were specified.'));
    } else if (name === null) {
      add(topicId, ids, repeatedIds);
    } else if (topicId === ZERO_UUID) {
      add(name, names, repeatedNames);
    } else {
      responses.push(
        result(name, topicId, Errors.INVALID_REQUEST, 'You may not specify both topic name and topic id.'),
      );
    }
  }
  for (const name of repeatedNames) {
    responses.push(result(name, ZERO_UUID, Errors.INVALID_REQUEST, 'Duplicate topic name.'));
  }
  for (const id of repeatedIds) responses.push(result(null, id, Errors.INVALID_REQUEST, 'Duplicate topic id.'));
  return { names, ids };
}

function result(name: string | null, topicId: string, errorCode: number, errorMessage: string | null): Result {
  return { name, topicId, errorCode, errorMessage };
}
