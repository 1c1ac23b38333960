// Writes records, each once: idempotent, acks=all, in the order sent for each partition. With a transactional id, several records
// and consumed offsets become visible together or not at all.
import { Errors, KafkaError, partitionForKey } from '../../protocol/index.ts';
import { randomInt } from '../../runtime/index.ts';
import { type ClientSource, type OpenedClient, openClient } from '../connections/client-source.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { type CallOptions, patiently } from '../connections/patience.ts';
import { asClientErrors, ClientError, clientErrorOf } from '../errors.ts';
import type { Bytes, RecordHeader, Serializer } from '../serializers.ts';
import { PartitionSender, type SenderContext } from './partition-sender.ts';
import { type Identity, ProducerIdentity } from './producer-identity.ts';
import { bytesOf, headersOf, type ProducerRecord, type RecordMetadata } from './producer-record.ts';
import { type ConsumedOffsets, type ConsumerPlace, Transactions } from './transactions.ts';

export interface ProducerOptions<K = Bytes, V = Bytes> {
  readonly serializers?: { readonly key?: Serializer<K>; readonly value?: Serializer<V> };
  readonly transactionalId?: string;
  /** transaction.timeout.ms */
  readonly transactionTimeoutMs?: number;
  /** delivery.timeout.ms */
  readonly deliveryTimeoutMs?: number;
  readonly maxBatchRecords?: number;
}

/** What the body of a transaction works with. */
export interface TransactionScope<K, V> {
  readonly send: Producer<K, V>['send'];
  readonly sendOffsets: (offsets: ConsumedOffsets, consumer: ConsumerPlace) => Promise<void>;
}

const DEFAULTS = { transactionTimeoutMs: 60_000, deliveryTimeoutMs: 120_000, maxBatchRecords: 1000 };

export class Producer<K = Bytes, V = Bytes> {
  readonly #opened: OpenedClient;
  readonly #client: ClusterClient;
  readonly #options: ProducerOptions<K, V>;
  readonly #context: SenderContext;
  readonly #senders = new Map<string, PartitionSender>();
  readonly #transactions: Transactions | undefined;
  /** Records without key go to one partition for a while (KIP-480). */
  readonly #sticky = new Map<string, number>();

  /** Throws ConfigurationError. */
  constructor(options: ClientSource & ProducerOptions<K, V>) {
    const { transactionalId, transactionTimeoutMs, deliveryTimeoutMs, maxBatchRecords } = { ...DEFAULTS, ...options };
    this.#opened = openClient(options);
    this.#options = options;
    const client = (this.#client = this.#opened.client);
    const identity = new ProducerIdentity(client);
    const transactions =
      transactionalId === undefined ? undefined : new Transactions(client, transactionalId, transactionTimeoutMs);
    this.#transactions = transactions;
    this.#context = {
      client,
      transactionalId: transactionalId ?? null,
      maxBatchRecords,
      deliveryTimeoutMs,
      produceVersion: () => transactions?.produceVersion,
      identity: async (deadlineMs) => transactions?.identity ?? identity.current(deadlineMs),
      nextIdentity: (before) => (transactions === undefined ? identity.next(before) : before),
      enlist: async (topic, partition, deadlineMs) => transactions?.enlist(topic, partition, deadlineMs),
      failed: (error) => transactions?.failed(error),
    };
  }

  /** Rejects with ClientError when a record could not be delivered in time, or never can. It may be in the log all the same. */
  send(topic: string, record: ProducerRecord<K, V>, how?: CallOptions): Promise<RecordMetadata>;
  send(topic: string, records: readonly ProducerRecord<K, V>[], how?: CallOptions): Promise<RecordMetadata[]>;
  send(
    topic: string,
    given: ProducerRecord<K, V> | readonly ProducerRecord<K, V>[],
    how: CallOptions = {},
  ): Promise<RecordMetadata | RecordMetadata[]> {
    const work = Array.isArray(given)
      ? Promise.all((given as readonly ProducerRecord<K, V>[]).map((record) => this.#send(topic, record)))
      : this.#send(topic, given as ProducerRecord<K, V>);
    return asClientErrors(patiently<RecordMetadata | RecordMetadata[]>(this.#client.clock, work, how), topic);
  }

  /** Takes over from whoever had the transactional id before, whose open transaction is aborted. Rejects with ClientError. */
  async initTransactions(how: CallOptions = {}): Promise<void> {
    await asClientErrors(patiently(this.#client.clock, this.#transactional.init(), how));
  }

  begin(): void {
    this.#transactional.begin();
    for (const sender of this.#senders.values()) sender.follow(this.#transactional.identity as Identity);
  }

  /** `offsets` are committed for the group if the transaction is. Rejects with ClientError. */
  async sendOffsets(offsets: ConsumedOffsets, consumer: ConsumerPlace, how: CallOptions = {}): Promise<void> {
    await asClientErrors(patiently(this.#client.clock, this.#transactional.sendOffsets(offsets, consumer), how));
  }

  /** Rejects with ClientError: a TransactionError tells whether the transaction has to be aborted, or the producer ends. */
  async commit(how: CallOptions = {}): Promise<void> {
    await asClientErrors(patiently(this.#client.clock, this.#end(true), how));
  }

  async abort(how: CallOptions = {}): Promise<void> {
    await asClientErrors(patiently(this.#client.clock, this.#end(false), how));
  }

  /** Commits what the body sends when it resolves; aborts when it rejects, and rejects with its error. */
  async transaction<T>(body: (scope: TransactionScope<K, V>) => Promise<T>, how: CallOptions = {}): Promise<T> {
    if (!this.#transactional.isReady) await this.initTransactions(how);
    this.begin();
    try {
      const result = await body({
        send: this.send.bind(this) as Producer<K, V>['send'],
        sendOffsets: (offsets, consumer) => this.sendOffsets(offsets, consumer),
      });
      await this.commit(how);
      return result;
    } catch (error) {
      if (!(error instanceof ClientError && error.fatal)) await this.abort();
      throw error;
    }
  }

  /** Resolves when all that was sent has been acknowledged or given up. */
  async flush(how: CallOptions = {}): Promise<void> {
    const idle = Promise.all([...this.#senders.values()].map((sender) => sender.idle()));
    await asClientErrors(patiently(this.#client.clock, idle, how));
  }

  /** Numbers of the topic's partitions. Rejects with ClientError. */
  async partitionsFor(topic: string, how: CallOptions = {}): Promise<readonly number[]> {
    return asClientErrors(patiently(this.#client.clock, this.#partitionsOf(topic), how), topic);
  }

  /** Waits for what was sent, then lets go of connections of its own. */
  async close(how: CallOptions = {}): Promise<void> {
    try {
      await this.flush(how);
    } finally {
      await this.#opened.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #send(topic: string, record: ProducerRecord<K, V>): Promise<RecordMetadata> {
    this.#transactions?.ensureOpen();
    const headers = headersOf(record.headers);
    const { key: keyMaker, value: valueMaker } = this.#options.serializers ?? {};
    const key = await made(keyMaker, record.key, { topic, isKey: true, headers });
    const value = await made(valueMaker, record.value, { topic, isKey: false, headers });
    const partition = record.partition ?? (await this.#choose(topic, key));
    return this.#sender(topic, partition).send({ key, value, headers, timestamp: record.timestamp });
  }

  get #transactional(): Transactions {
    if (this.#transactions === undefined) throw new ClientError('the producer has no transactional id');
    return this.#transactions;
  }

  async #end(isCommit: boolean): Promise<void> {
    await this.flush();
    await this.#transactional.end(isCommit);
  }

  #sender(topic: string, partition: number): PartitionSender {
    const key = `${topic}-${partition}`;
    let sender = this.#senders.get(key);
    if (sender === undefined) {
      this.#senders.set(key, (sender = new PartitionSender(this.#context, topic, partition)));
      const identity = this.#transactions?.identity;
      if (identity !== undefined) sender.follow(identity);
    }
    return sender;
  }

  async #partitionsOf(topic: string): Promise<readonly number[]> {
    if (this.#client.topics.partitionsOf(topic).length === 0) await this.#client.leaderOf(topic, 0);
    const partitions = this.#client.topics.partitionsOf(topic);
    if (partitions.length === 0) throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    return partitions;
  }

  async #choose(topic: string, key: Uint8Array | null): Promise<number> {
    const partitions = await this.#partitionsOf(topic);
    if (key !== null) return partitionForKey(key, partitions.length);
    const sticky = this.#sticky.get(topic) ?? randomInt(this.#client.random, 0, partitions.length);
    this.#sticky.set(topic, sticky);
    return sticky;
  }
}

async function made<T>(
  serializer: Serializer<T> | undefined,
  data: T | undefined,
  context: { readonly topic: string; readonly isKey: boolean; readonly headers: RecordHeader[] },
): Promise<Uint8Array | null> {
  if (serializer === undefined) return bytesOf(data as Bytes);
  try {
    return await serializer.serialize(data as T, context);
  } catch (error) {
    throw clientErrorOf(error);
  }
}
