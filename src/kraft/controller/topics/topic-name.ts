// Which names a topic may have (Kafka: Topic.validate).
import { Errors, KafkaError } from '../../../protocol/index.ts';

const MAX_NAME_LENGTH = 249;
const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Throws KafkaError INVALID_TOPIC_EXCEPTION. */
export function checkTopicName(name: string): void {
  const fault = topicNameFault(name);
  if (fault !== undefined) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, fault);
}

/** Kafka's words for what is wrong with a name; undefined when nothing is. */
export function topicNameFault(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > MAX_NAME_LENGTH) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`;
  }
  if (!LEGAL.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}
