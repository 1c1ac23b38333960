// How many partitions a topic has, for whoever has to choose one: asked for once, however many records wait for it.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { isWorthAnother } from '../errors.ts';
import type { ProducerSettings } from './producer-settings.ts';

export class TopicPartitions {
  readonly #client: ClusterClient;
  readonly #maxBlockMs: number;
  readonly #mayCreate: boolean;
  readonly #asked = new Map<string, Promise<number>>();

  constructor(
    client: ClusterClient,
    { maxBlockMs, autoCreateTopics }: Pick<ProducerSettings, 'maxBlockMs' | 'autoCreateTopics'>,
  ) {
    this.#client = client;
    this.#maxBlockMs = maxBlockMs;
    this.#mayCreate = autoCreateTopics;
  }

  /** 0: not known yet, or `partition` is not among those that are. */
  known(topic: string, partition = 0): number {
    const count = this.#client.topics.partitionCount(topic);
    return partition < count ? count : 0;
  }

  /** Rejects with KafkaError when it is not known until the deadline, which is that of max.block.ms. */
  find(topic: string, partition = 0, deadlineMs = this.#client.deadlineIn(this.#maxBlockMs)): Promise<number> {
    if (this.#client.clock.monotonicMs() >= deadlineMs) {
      return Promise.reject(this.#late(topic, partition, this.#client.topics.errorOf(topic)));
    }
    const key = `${topic}-${partition}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(topic, partition, deadlineMs).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  async #ask(topic: string, partition: number, deadlineMs: number): Promise<number> {
    const { topics, clock } = this.#client;
    for (let failures = 1; ; failures++) {
      const fault = await this.#refresh(topic);
      const count = this.known(topic, partition);
      if (count > 0) return count;
      const code = fault?.code ?? topics.errorOf(topic) ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
      const isFinal = !isWorthAnother(code) || this.#client.isClosed;
      if (isFinal) throw fault ?? new KafkaError(code);
      if (clock.monotonicMs() >= deadlineMs) throw this.#late(topic, partition, code);
      await this.#client.pause(failures);
    }
  }

  async #refresh(topic: string): Promise<KafkaError | undefined> {
    try {
      await this.#client.topics.refresh([topic], this.#mayCreate);
      return undefined;
    } catch (error) {
      if (error instanceof KafkaError) return error;
      throw error;
    }
  }

  #late(topic: string, partition: number, code: ErrorCode = Errors.UNKNOWN_TOPIC_OR_PARTITION): KafkaError {
    const count = this.#client.topics.partitionCount(topic);
    const what = count === 0 ? `topic ${topic}` : `partition ${partition} of topic ${topic} with ${count} partitions`;
    return new KafkaError(code, `${what} is not present in the metadata after ${this.#maxBlockMs} ms`);
  }
}
