// Partitions by topic id, as assignments hold them, and between that form and the lists of messages and records.

export type TopicPartitions = ReadonlyMap<string, ReadonlySet<number>>;

/** A row of a request, an answer or a record. */
export interface TopicPartitionsRow {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export const NO_PARTITIONS: TopicPartitions = new Map();

export function topicPartitionsOf(rows: readonly TopicPartitionsRow[]): TopicPartitions {
  const all = new Map<string, Set<number>>();
  for (const { topicId, partitions } of rows) {
    const known = all.get(topicId);
    if (known === undefined) all.set(topicId, new Set(partitions));
    else for (const partition of partitions) known.add(partition);
  }
  return all;
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
