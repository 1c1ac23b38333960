// What a topic may be called, and which topics are the broker's own (org.apache.kafka.common.internals.Topic).

export const CONSUMER_OFFSETS = '__consumer_offsets';
export const TRANSACTION_STATE = '__transaction_state';
export const SHARE_GROUP_STATE = '__share_group_state';
const INTERNAL = new Set([CONSUMER_OFFSETS, TRANSACTION_STATE, SHARE_GROUP_STATE]);

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
