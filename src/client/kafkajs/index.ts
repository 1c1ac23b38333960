// `ottla/kafkajs`: what programs import from kafkajs, over our own client. Custom partition assigners and log creators are not taken.
import { NodeClock } from '../../runtime/node/index.ts';
import { ClusterClient } from '../connections/cluster-client.ts';
import { partitionForKey } from '../../protocol/index.ts';
import { ADMIN_EVENTS, KafkaJsAdmin } from './admin.ts';
import { CONSUMER_EVENTS, KafkaJsConsumer } from './consumer.ts';
import type { ConsumerConfig } from './consumer-options.ts';
import { Listeners } from './listeners.ts';
import { clientConfigOf, type KafkaConfig, type RetryOptions } from './options.ts';
import { KafkaJsProducer, type PartitionerArgs, PRODUCER_EVENTS, type ProducerConfig } from './producer.ts';

export { ConfigResourceTypes, ConfigSource } from './admin-configs.ts';
export * from './errors.ts';
export type { KafkaJsAdmin as Admin, SeekEntry, TopicConfig } from './admin.ts';
export type { KafkaJsConsumer as Consumer } from './consumer.ts';
export type { ConsumerConfig, EachBatchPayload, EachMessagePayload, RunConfig } from './consumer-options.ts';
export type { KafkaConfig, RetryOptions } from './options.ts';
export type { KafkaMessage, PartitionBatch as Batch } from './partition-batch.ts';
export type { KafkaJsProducer as Producer, Message, ProducerConfig, SentMetadata } from './producer.ts';

export const logLevel = { NOTHING: 0, ERROR: 1, WARN: 2, INFO: 4, DEBUG: 5 } as const;
export const CompressionTypes = { None: 0, GZIP: 1, Snappy: 2, LZ4: 3, ZSTD: 4 } as const;

/** Keys go where Java's murmur2 puts them, as with kafkajs's DefaultPartitioner; without a key, one after the other. */
const defaultPartitioner = () => {
  let next = 0;
  return ({ partitionMetadata, message }: PartitionerArgs): number => {
    const { length } = partitionMetadata;
    if (message.key === null || message.key === undefined) return next++ % length;
    return partitionForKey(Buffer.from(message.key), length);
  };
};
export const Partitioners = {
  DefaultPartitioner: defaultPartitioner,
  JavaCompatiblePartitioner: defaultPartitioner,
} as const;

const clock = new NodeClock(true);

export class Kafka {
  readonly #config: KafkaConfig;

  constructor(config: KafkaConfig) {
    this.#config = config;
  }

  producer(config: ProducerConfig = {}): KafkaJsProducer {
    return new KafkaJsProducer(() => this.#open(config.retry), config, listenersOf(PRODUCER_EVENTS));
  }

  consumer(config: ConsumerConfig): KafkaJsConsumer {
    return new KafkaJsConsumer(() => this.#open(config.retry), config, listenersOf(CONSUMER_EVENTS));
  }

  admin({ retry }: { readonly retry?: RetryOptions } = {}): KafkaJsAdmin {
    return new KafkaJsAdmin(() => this.#open(retry), listenersOf(ADMIN_EVENTS));
  }

  async #open(retry: RetryOptions | undefined): Promise<ClusterClient> {
    return new ClusterClient(await clientConfigOf(this.#config, retry));
  }
}

const listenersOf = (events: Readonly<Record<string, string>>): Listeners =>
  new Listeners(Object.values(events), () => clock.nowMs());
