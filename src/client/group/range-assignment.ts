// Kafka's RangeAssignor, without racks: of each topic every member gets a run of partitions, the first ones one more when they
// do not divide evenly.

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: number[];
}

export interface Subscription {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Member → what it reads; with every member, though it be of nothing. */
export function rangeAssignment(
  subscriptions: readonly Subscription[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): Map<string, TopicPartitions[]> {
  const shares = new Map<string, TopicPartitions[]>(subscriptions.map(({ memberId }) => [memberId, []]));
  for (const [topic, partitions] of partitionsOf) {
    const members = subscriptions
      .filter(({ topics }) => topics.includes(topic))
      .map(({ memberId }) => memberId)
      .sort();
    let at = 0;
    members.forEach((memberId, index) => {
      const size =
        Math.floor(partitions.length / members.length) + (index < partitions.length % members.length ? 1 : 0);
      if (size > 0) shares.get(memberId)?.push({ topic, partitions: partitions.slice(at, at + size) });
      at += size;
    });
  }
  return shares;
}
