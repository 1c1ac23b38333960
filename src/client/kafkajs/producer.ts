// kafkajs's producer over ours. Each `send` is a batch of its own and goes at once, as there.
import type { ClusterClient } from '../connections/cluster-client.ts';
import { Producer } from '../producer/producer.ts';
import type { ProducerRecord, RecordMetadata } from '../producer/producer-record.ts';
import type { CompressionName } from '../producer/producer-settings.ts';
import { asKafkaJs, KafkaJSNonRetriableError } from './errors.ts';
import { type Listeners } from './listeners.ts';
import { patienceMs, type RetryOptions } from './options.ts';

type Data = Uint8Array | string | null;

export interface Message {
  readonly key?: Data;
  readonly value: Data;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, Uint8Array | string | readonly (Uint8Array | string)[] | undefined>>;
  readonly timestamp?: string;
}

export interface ProducerRecordOf {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly acks?: number;
  readonly timeout?: number;
  readonly compression?: number;
}

export interface ProducerBatchOf extends Omit<ProducerRecordOf, 'topic' | 'messages'> {
  readonly topicMessages?: readonly { readonly topic: string; readonly messages: readonly Message[] }[];
}

export interface SentMetadata {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: string;
  readonly logAppendTime: string;
}

export interface ProducerConfig {
  readonly createPartitioner?: (() => (args: PartitionerArgs) => number) | undefined;
  readonly allowAutoTopicCreation?: boolean;
  readonly idempotent?: boolean;
  readonly transactionalId?: string;
  readonly transactionTimeout?: number;
  readonly maxInFlightRequests?: number;
  readonly retry?: RetryOptions;
}

export interface PartitionerArgs {
  readonly topic: string;
  readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  readonly message: Message;
}

export interface GroupOffsets {
  readonly consumerGroupId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
  }[];
}

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
export const PRODUCER_EVENTS = { CONNECT: 'producer.connect', DISCONNECT: 'producer.disconnect' } as const;
/** A send is one batch; a broker takes no larger one by default. */
const BATCH_SIZE = 1_000_000;

export class KafkaJsProducer {
  readonly events = PRODUCER_EVENTS;
  readonly #open: () => Promise<ClusterClient>;
  readonly #config: ProducerConfig;
  readonly #listeners: Listeners;
  readonly #partitioner: ((args: PartitionerArgs) => number) | undefined;
  #client: ClusterClient | undefined;
  /** By acks and codec, which a kafkajs program says with every send. */
  readonly #producers = new Map<string, Producer>();
  #isInTransaction = false;

  constructor(open: () => Promise<ClusterClient>, config: ProducerConfig, listeners: Listeners) {
    this.#open = open;
    this.#config = config;
    this.#listeners = listeners;
    this.#partitioner = config.createPartitioner?.();
  }

  on(event: string, listener: (event: never) => unknown): () => void {
    return this.#listeners.on(event, listener);
  }

  isIdempotent(): boolean {
    return this.#config.idempotent === true || this.#config.transactionalId !== undefined;
  }

  async connect(): Promise<void> {
    if (this.#client !== undefined) return;
    this.#client = await this.#open();
    this.#listeners.tell(PRODUCER_EVENTS.CONNECT, {});
  }

  async disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    this.#producers.clear();
    await client?.close();
    this.#listeners.tell(PRODUCER_EVENTS.DISCONNECT, {});
  }

  async send({ topic, messages, ...how }: ProducerRecordOf): Promise<SentMetadata[]> {
    return this.sendBatch({ ...how, topicMessages: [{ topic, messages }] });
  }

  async sendBatch({ topicMessages = [], acks = -1, compression = 0 }: ProducerBatchOf): Promise<SentMetadata[]> {
    if (this.#config.transactionalId !== undefined && !this.#isInTransaction) {
      throw new KafkaJSNonRetriableError('Cannot send outside a transaction with a transactional producer');
    }
    return this.#sendAll(this.#producerFor(acks, compression), topicMessages);
  }

  /** Begins one; offsets and records go through what comes back. */
  async transaction() {
    const producer = this.#producerFor(-1, 0);
    if (this.#isInTransaction)
      throw new KafkaJSNonRetriableError('There is already an ongoing transaction for this producer');
    await asKafkaJs(this.#begin(producer));
    this.#isInTransaction = true;
    const over = (end: Promise<void>): Promise<void> =>
      asKafkaJs(end).finally(() => {
        this.#isInTransaction = false;
      });
    return {
      send: ({ topic, messages, ...how }: ProducerRecordOf) => this.send({ topic, messages, ...how }),
      sendBatch: (batch: ProducerBatchOf) => this.sendBatch(batch),
      sendOffsets: ({ consumerGroupId, topics }: GroupOffsets) => {
        const offsets = topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
        );
        return asKafkaJs(producer.sendOffsets(offsets, { groupId: consumerGroupId }));
      },
      commit: () => over(producer.commit()),
      abort: () => over(producer.abort()),
      isActive: () => this.#isInTransaction,
    };
  }

  async #begin(producer: Producer): Promise<void> {
    if (!this.#isReady) await producer.initTransactions();
    this.#isReady = true;
    producer.begin();
  }
  #isReady = false;

  #producerFor(acks: number, compression: number): Producer {
    const client = this.#client;
    if (client === undefined) throw new KafkaJSNonRetriableError('The producer is disconnected');
    const { transactionalId, transactionTimeout, idempotent, maxInFlightRequests, allowAutoTopicCreation } =
      this.#config;
    const isTransactional = transactionalId !== undefined;
    // One producer has the transactional id: it packs as the first send says.
    const key = isTransactional ? 'transactional' : `${acks} ${compression}`;
    let producer = this.#producers.get(key);
    if (producer === undefined) {
      const patience = patienceMs(this.#config.retry);
      producer = new Producer({
        client,
        acks: acks === -1 ? 'all' : (acks as 0 | 1),
        idempotent: idempotent ?? isTransactional,
        compression: CODECS[compression],
        lingerMs: 0,
        batchSize: BATCH_SIZE,
        maxRequestSize: 10 * BATCH_SIZE,
        maxBlockMs: patience,
        deliveryTimeoutMs: Math.max(client.limits.requestTimeoutMs, patience),
        autoCreateTopics: allowAutoTopicCreation ?? true,
        ...(transactionalId !== undefined && { transactionalId }),
        ...(transactionTimeout !== undefined && { transactionTimeoutMs: transactionTimeout }),
        ...(maxInFlightRequests !== undefined && { maxInFlight: Math.min(5, maxInFlightRequests) }),
      });
      this.#producers.set(key, producer);
    }
    return producer;
  }

  async #sendAll(producer: Producer, topics: NonNullable<ProducerBatchOf['topicMessages']>): Promise<SentMetadata[]> {
    const sent = await Promise.all(
      topics.map(async ({ topic, messages }) => {
        if (messages.length === 0) return [];
        const choose = this.#partitioner === undefined ? undefined : await this.#chooser(producer, topic);
        const records = messages.map((message) => recordOf(message, choose?.(message)));
        return asKafkaJs(producer.send(topic, records));
      }),
    );
    return placesOf(sent.flat());
  }

  async #chooser(producer: Producer, topic: string): Promise<(message: Message) => number> {
    const partitions = await asKafkaJs(producer.partitionsFor(topic));
    const partitionMetadata = partitions.map((partitionId) => ({ partitionId, leader: 0 }));
    return (message) => this.#partitioner?.({ topic, partitionMetadata, message }) ?? 0;
  }
}

function recordOf({ key, value, partition, headers, timestamp }: Message, chosen: number | undefined): ProducerRecord {
  const listed = Object.entries(headers ?? {}).flatMap(([name, given]) => {
    const values = Array.isArray(given) ? (given as readonly (Uint8Array | string)[]) : [given as Uint8Array | string];
    return values.map((one) => ({ key: name, value: one === undefined ? null : Buffer.from(one) }));
  });
  return {
    key: key ?? null,
    value,
    partition: partition ?? chosen,
    headers: listed,
    ...(timestamp !== undefined && { timestamp: Number(timestamp) }),
  };
}

/** One line for each partition: where the first record of the call has come to. */
function placesOf(sent: readonly RecordMetadata[]): SentMetadata[] {
  const first = new Map<string, RecordMetadata>();
  for (const one of sent) {
    const key = `${one.topic}-${one.partition}`;
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()].map(({ topic, partition, offset }) => ({
    topicName: topic,
    partition,
    errorCode: 0,
    baseOffset: String(offset),
    logAppendTime: '-1',
  }));
}
