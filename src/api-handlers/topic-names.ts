// Which topics are the broker's own (org.apache.kafka.common.internals.Topic).
import { topicNameFault } from '../kraft/controller/index.ts';

export const CONSUMER_OFFSETS = '__consumer_offsets';
export const TRANSACTION_STATE = '__transaction_state';
export const SHARE_GROUP_STATE = '__share_group_state';
const INTERNAL = new Set([CONSUMER_OFFSETS, TRANSACTION_STATE, SHARE_GROUP_STATE]);

export function isInternalTopic(name: string): boolean {
  return INTERNAL.has(name);
}

export function isValidTopicName(name: string): boolean {
  return topicNameFault(name) === undefined;
}
