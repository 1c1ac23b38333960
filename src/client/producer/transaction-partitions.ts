// The partitions of the transaction that is open: those that have joined, and those that are being added, all that have come
// meanwhile in one request (Kafka: TransactionManager.newPartitionsInTransaction).
import { KafkaError } from '../../protocol/index.ts';

export interface TransactionPartitionsOptions {
  /** Tells the coordinator: topic → partitions. Rejects with KafkaError. */
  readonly add: (topics: ReadonlyMap<string, number[]>) => Promise<void>;
  readonly added: () => void;
  readonly failed: (error: KafkaError) => void;
}

export class TransactionPartitions {
  readonly #options: TransactionPartitionsOptions;
  readonly #joined = new Set<string>();
  readonly #wanted = new Map<string, readonly [string, number]>();
  #adding: Promise<void> | undefined;
  #asked = 0;

  constructor(options: TransactionPartitionsOptions) {
    this.#options = options;
  }

  /** Nothing has been written, and nobody was told that it will be. */
  get isEmpty(): boolean {
    return this.#joined.size === 0 && this.#asked === 0;
  }

  clear(): void {
    this.#joined.clear();
    this.#wanted.clear();
    this.#asked = 0;
  }

  /** `joinsByItself`: by being written to. */
  has(topic: string, partition: number, joinsByItself: boolean): boolean {
    const key = `${topic}-${partition}`;
    if (this.#joined.has(key)) return true;
    if (joinsByItself) {
      this.#joined.add(key);
      return true;
    }
    this.#wanted.set(key, [topic, partition]);
    this.#adding ??= this.#addWanted();
    return false;
  }

  /** Resolves when nothing is being added. */
  async settled(): Promise<void> {
    while (this.#adding !== undefined) await this.#adding;
  }

  async #addWanted(): Promise<void> {
    // Those that are asked for in the same turn go together.
    await Promise.resolve();
    const wanted = new Map(this.#wanted);
    this.#wanted.clear();
    const topics = new Map<string, number[]>();
    for (const [topic, partition] of wanted.values()) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    this.#asked += wanted.size;
    try {
      await this.#options.add(topics);
      for (const key of wanted.keys()) this.#joined.add(key);
      this.#adding = undefined;
      this.#options.added();
    } catch (error) {
      this.#adding = undefined;
      if (!(error instanceof KafkaError)) throw error;
      this.#options.failed(error);
    }
  }
}
