// Partitions by topic id, as assignments hold them, and between that form and the lists of messages and records.
import { partitionsInHashOrder } from './hash-order.ts';

export type TopicPartitions = ReadonlyMap<string, ReadonlySet<number>>;

/** A row of a request, an answer or a record. */
export interface TopicPartitionsRow {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export const NO_PARTITIONS: TopicPartitions = new Map();

export function topicPartitionsOf(rows: readonly TopicPartitionsRow[]): TopicPartitions {
  return new Map(rows.map(({ topicId, partitions }) => [topicId, partitionsInHashOrder(partitions)]));
}

export function topicPartitionsRows(all: TopicPartitions): { topicId: string; partitions: number[] }[] {
  return Array.from(all, ([topicId, partitions]) => ({ topicId, partitions: [...partitions] }));
}

export function sameTopicPartitions(one: TopicPartitions, other: TopicPartitions): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others?.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}
