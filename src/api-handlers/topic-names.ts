// Which topics are internal, and which names topics may have (Kafka: org.apache.kafka.common.internals.Topic).
import { consumerOffsets } from '../group-coordinator/index.ts';
import { topicNameFault } from '../kraft/controller/index.ts';
import { shareGroupState } from '../share-coordinator/index.ts';
import { transactionState } from '../transaction-coordinator/index.ts';

const INTERNAL = new Set([consumerOffsets, transactionState, shareGroupState].map(({ name }) => name));

export function isInternalTopic(name: string): boolean {
  return INTERNAL.has(name);
}

export function isValidTopicName(name: string): boolean {
  return topicNameFault(name) === undefined;
}
