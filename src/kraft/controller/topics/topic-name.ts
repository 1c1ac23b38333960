// Which names a topic may have (Kafka: Topic.validate).
import { Errors, KafkaError } from '../../../protocol/index.ts';

const MAX_NAME_LENGTH = 249;
const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Throws KafkaError INVALID_TOPIC_EXCEPTION with Kafka's words. */
export function checkTopicName(name: string): void {
  const fault = faultOf(name);
  if (fault !== undefined) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${fault}`);
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return `'${name}' is not allowed`;
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`;
  }
  if (!LEGAL.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}
