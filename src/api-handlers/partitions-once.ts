// Partitions as Kafka keeps them in a set: each once, whatever a request repeats; a topic without one is not there.

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** By topic, in the order in which the topics are first named. */
export function partitionsOnce(topics: readonly TopicPartitions[]): TopicPartitions[] {
  const byTopic = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    if (partitions.length === 0) continue;
    const known = byTopic.get(topic) ?? new Set();
    for (const partition of partitions) known.add(partition);
    byTopic.set(topic, known);
  }
  return Array.from(byTopic, ([topic, partitions]) => ({ topic, partitions: [...partitions] }));
}
