// The partitions of a transaction: a set that is never changed.

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export class TransactionPartitions {
  static readonly none = new TransactionPartitions(new Map());
  readonly #topics: ReadonlyMap<string, ReadonlySet<number>>;

  private constructor(topics: ReadonlyMap<string, ReadonlySet<number>>) {
    this.#topics = topics;
  }

  static of(topics: readonly TopicPartitions[]): TransactionPartitions {
    return TransactionPartitions.none.with(topics);
  }

  get size(): number {
    let size = 0;
    for (const partitions of this.#topics.values()) size += partitions.size;
    return size;
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) === true;
  }

  includes(asked: readonly TopicPartitions[]): boolean {
    return asked.every(({ topic, partitions }) => partitions.every((partition) => this.has(topic, partition)));
  }

  /** These and `added`, in the order in which they came. */
  with(added: readonly TopicPartitions[]): TransactionPartitions {
    const topics = new Map(this.#topics);
    for (const { topic, partitions } of added) {
      if (partitions.length > 0) topics.set(topic, new Set([...(topics.get(topic) ?? []), ...partitions]));
    }
    return new TransactionPartitions(topics);
  }

  byTopic(): TopicPartitions[] {
    return Array.from(this.#topics, ([topic, partitions]) => ({ topic, partitions: [...partitions] }));
  }
}
