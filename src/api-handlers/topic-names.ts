// What a topic may be called, and which topics are the broker's own (org.apache.kafka.common.internals.Topic).
import { consumerOffsets } from '../group-coordinator/index.ts';
import { shareGroupState } from '../share-coordinator/index.ts';
import { transactionState } from '../transaction-coordinator/index.ts';

const INTERNAL = new Set([consumerOffsets, transactionState, shareGroupState].map(({ name }) => name));

const MAX_LENGTH = 249;

export function isInternalTopic(name: string): boolean {
  return INTERNAL.has(name);
}

export function isValidTopicName(name: string): boolean {
  return topicNameFault(name) === undefined;
}

/** Kafka's words for what is wrong with a name; undefined when nothing is. */
export function topicNameFault(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > MAX_LENGTH) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${MAX_LENGTH}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}
