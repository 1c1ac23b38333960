// Writes records as Kafka's own producer does: gathered into batches, each record once and in the order sent for each partition
// (idempotent, acks=all) unless told otherwise. With a transactional id, several records and consumed offsets become visible
// together or not at all.
import { codecReady, Errors, KafkaError, loadCodec, partitionForKey } from '../../protocol/index.ts';
import { type ClientSource, type OpenedClient, openClient } from '../connections/client-source.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { type CallOptions, patiently } from '../connections/patience.ts';
import { asClientErrors, clientErrorOf, ClosedError, ConfigurationError, TransactionError } from '../errors.ts';
import type { Bytes } from '../serializers.ts';
import { Accumulator, Appended, type PartitionQueue } from './accumulator.ts';
import { SentTogether } from './acknowledgements.ts';
import { type Content, largestSizeOf } from './batch-writer.ts';
import { StickyPartitions } from './partitioner.ts';
import type { ReadyRecord } from './producer-batch.ts';
import { ProducerIdentity } from './producer-identity.ts';
import type { ProducerRecord, RecordMetadata } from './producer-record.ts';
import { type ProducerOptions, producerSettings, type ProducerSettings } from './producer-settings.ts';
import { Sender } from './sender.ts';
import { Sequences } from './sequences.ts';
import { SerializedFields } from './serialized-fields.ts';
import { TopicPartitions } from './topic-partitions.ts';
import { WaitingLines } from './waiting-lines.ts';
import { type ConsumedOffsets, type ConsumerPlace, Transactions } from './transactions.ts';

export type { ProducerOptions } from './producer-settings.ts';

/** A consumer: what it has handed out, and its place in its group. */
export interface OffsetSource {
  groupMetadata(): ConsumerPlace;
  assignment(): readonly { readonly topic: string; readonly partition: number }[];
  /** The offset that is handed out next. */
  position(topic: string, partition: number): number | undefined;
}

/** What the body of a transaction works with. */
export interface TransactionScope<K = Bytes, V = Bytes> {
  readonly send: Producer<K, V>['send'];
  /** Of a consumer what it has handed out, or these offsets for this group. */
  readonly sendOffsets: {
    (consumer: OffsetSource): Promise<void>;
    (offsets: ConsumedOffsets, consumer: ConsumerPlace | Pick<OffsetSource, 'groupMetadata'>): Promise<void>;
  };
}

/** A record that cannot be appended at once. */
interface WaitingRecord {
  readonly deadlineMs: number;
  readonly append: (queue: PartitionQueue, record: ReadyRecord) => Appended;
  readonly failed: (error: unknown) => void;
}

export class Producer<K = Bytes, V = Bytes> {
  readonly #opened: OpenedClient;
  readonly #client: ClusterClient;
  readonly #settings: ProducerSettings;
  readonly #fields: SerializedFields<K, V>;
  readonly #partitioner: ProducerOptions['partitioner'];
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #sequences: Sequences | undefined;
  readonly #transactions: Transactions | undefined;
  readonly #topics: TopicPartitions;
  readonly #sticky: StickyPartitions;
  /** Records that wait for something, by topic: those sent after them stay behind them. */
  readonly #lines = new WaitingLines();
  readonly #hasLeader = (topic: string) => (partition: number) =>
    this.#client.topics.leaderOf(topic, partition) !== undefined;
  #isClosed = false;

  /** Throws ConfigurationError. */
  constructor(options: ClientSource & ProducerOptions<K, V>) {
    this.#opened = openClient(options);
    const client = (this.#client = this.#opened.client);
    const settings = (this.#settings = producerSettings(options, client.keys));
    this.#fields = new SerializedFields(client.clock, options.serializers ?? {});
    this.#partitioner = options.partitioner;
    this.#topics = new TopicPartitions(client, settings);
    this.#sticky = new StickyPartitions(client.random, settings.batchSize);
    const { transactionalId, transactionTimeoutMs } = settings;
    const accumulator = (this.#accumulator = new Accumulator(client.clock, settings));
    const sequences = (this.#sequences = settings.isIdempotent ? new Sequences(transactionalId !== null) : undefined);
    const identity = new ProducerIdentity(client);
    const transactions = (this.#transactions =
      transactionalId === null
        ? undefined
        : new Transactions(client, transactionalId, transactionTimeoutMs, () => this.#transactionChanged()));
    const told = {
      isWanted: () => accumulator.busy.size > 0,
      got: (id: { producerId: number | bigint; epoch: number }) => {
        sequences?.follow(id);
        this.#sender.wake();
      },
      refused: (error: unknown) => this.#sender.failAll(clientErrorOf(error)),
    };
    const obtainIdentity = (): void => identity.obtain(told);
    this.#sender = new Sender({ client, settings, accumulator, sequences, transactions, obtainIdentity });
  }

  /** Rejects with ClientError when a record could not be delivered in time, or never can. It may be in the log all the same. */
  send(topic: string, record: ProducerRecord<K, V>, how?: CallOptions): Promise<RecordMetadata>;
  send(topic: string, records: readonly ProducerRecord<K, V>[], how?: CallOptions): Promise<RecordMetadata[]>;
  send(
    topic: string,
    given: ProducerRecord<K, V> | readonly ProducerRecord<K, V>[],
    how?: CallOptions,
  ): Promise<RecordMetadata | RecordMetadata[]> {
    const sent = Array.isArray(given)
      ? this.#sendAll(topic, given as readonly ProducerRecord<K, V>[])
      : this.#sendOne(topic, given as ProducerRecord<K, V>);
    return how === undefined ? sent : this.#patiently<RecordMetadata | RecordMetadata[]>(sent, how);
  }

  /** Takes over from whoever had the transactional id before, whose open transaction is aborted. Rejects with ClientError. */
  async initTransactions(how: CallOptions = {}): Promise<void> {
    await this.#patiently(this.#transactional.init(), how);
    this.#followTransactions();
  }

  /** Throws ClientError. */
  begin(): void {
    this.#transactional.begin();
  }

  /** `offsets` are committed for the group if the transaction is. Rejects with ClientError. */
  async sendOffsets(
    offsets: ConsumedOffsets,
    consumer: ConsumerPlace | Pick<OffsetSource, 'groupMetadata'>,
    how: CallOptions = {},
  ): Promise<void> {
    const place = 'groupMetadata' in consumer ? consumer.groupMetadata() : consumer;
    await this.#patiently(this.#transactional.sendOffsets(offsets, place), how);
  }

  /** Rejects with ClientError: a TransactionError tells whether the transaction has to be aborted, or the producer ends. */
  async commit(how: CallOptions = {}): Promise<void> {
    await this.#patiently(this.#end(true), how);
  }

  /** What has not left yet never does. */
  async abort(how: CallOptions = {}): Promise<void> {
    await this.#patiently(this.#end(false), how);
  }

  /** Commits what the body sends when it resolves; aborts when it rejects, and rejects with its error. */
  async transaction<T>(body: (scope: TransactionScope<K, V>) => Promise<T>, how: CallOptions = {}): Promise<T> {
    if (!this.#transactional.isReady) await this.initTransactions(how);
    this.begin();
    try {
      const result = await body(this.#scope());
      await this.commit(how);
      return result;
    } catch (error) {
      // The error of the body is the one that counts; whether the abort has come through shows when the next one begins.
      if (this.#transactional.canBeAborted) await this.abort().catch(() => undefined);
      throw error;
    }
  }

  /** Resolves when all that was sent has been acknowledged or given up. */
  async flush(how: CallOptions = {}): Promise<void> {
    await this.#patiently(
      this.#lines.empty().then(() => this.#sender.flush()),
      how,
    );
  }

  /** Numbers of the topic's partitions. Rejects with ClientError. */
  async partitionsFor(topic: string, how: CallOptions = {}): Promise<readonly number[]> {
    await this.#patiently(this.#topics.find(topic), how);
    return this.#client.topics.partitionsOf(topic);
  }

  /** Waits for what was sent, at most so long, then lets go of everything. */
  async close(how: CallOptions = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.flush(how);
    } finally {
      this.#sender.close(new ClosedError('the producer'));
      await this.#opened.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sendOne(topic: string, record: ProducerRecord<K, V>): Promise<RecordMetadata> {
    let ready: ReadyRecord | Promise<ReadyRecord>;
    try {
      ready = this.#fields.of(topic, record);
      if (!(ready instanceof Promise) && this.#canAppend(topic, record.partition)) {
        const queue = this.#queueFor(topic, record.partition, ready);
        const now = ready;
        return new Promise((resolve, reject) => {
          this.#appended(queue, record.partition, this.#accumulator.appendAlone(queue, now, resolve, reject));
        });
      }
    } catch (error) {
      return Promise.reject(clientErrorOf(error, topic) as Error);
    }
    const deadlineMs = this.#client.deadlineIn(this.#settings.maxBlockMs);
    return new Promise((resolve, failed) => {
      // As those that need not wait: a promise between would let a later record be heard of before this one.
      const append = (queue: PartitionQueue, now: ReadyRecord) =>
        this.#accumulator.appendAlone(queue, now, resolve, failed);
      this.#lines.wait(topic, () => this.#sendLater(topic, record.partition, ready, { append, failed, deadlineMs }));
    });
  }

  #sendAll(topic: string, records: readonly ProducerRecord<K, V>[]): Promise<RecordMetadata[]> {
    if (records.length === 0) return Promise.resolve([]);
    const group = new SentTogether(records.length);
    const deadlineMs = this.#client.deadlineIn(this.#settings.maxBlockMs);
    const failed = (error: unknown) => group.failed(error);
    for (let at = 0; at < records.length; at++) {
      const record = records[at] as ProducerRecord<K, V>;
      const { partition } = record;
      try {
        const ready = this.#fields.of(topic, record);
        if (!(ready instanceof Promise) && this.#canAppend(topic, partition)) {
          const queue = this.#queueFor(topic, partition, ready);
          this.#appended(queue, partition, this.#accumulator.appendTogether(queue, ready, group, at));
        } else {
          const append = (queue: PartitionQueue, now: ReadyRecord) =>
            this.#accumulator.appendTogether(queue, now, group, at);
          this.#lines.wait(topic, () => this.#sendLater(topic, partition, ready, { append, failed, deadlineMs }));
        }
      } catch (error) {
        group.failed(clientErrorOf(error, topic));
      }
    }
    return group.promise;
  }

  /** Whether nothing has to be waited for: nobody before, no metadata, no memory, no codec. */
  #canAppend(topic: string, partition = 0): boolean {
    if (this.#isClosed) throw new ClosedError('the producer');
    this.#transactions?.ensureOpen();
    return (
      !this.#lines.isWaiting(topic) &&
      this.#topics.known(topic, partition) > 0 &&
      this.#accumulator.hasRoom &&
      codecReady(this.#settings.codec)
    );
  }

  async #sendLater(
    topic: string,
    partition: number | undefined,
    record: ReadyRecord | Promise<ReadyRecord>,
    { append, failed, deadlineMs }: WaitingRecord,
  ): Promise<void> {
    try {
      const ready = await record;
      const { codec } = this.#settings;
      if (!codecReady(codec)) await loadCodec(codec);
      if (this.#topics.known(topic, partition) === 0) await this.#topics.find(topic, partition, deadlineMs);
      await this.#accumulator.room(deadlineMs);
      this.#transactions?.ensureOpen();
      const queue = this.#queueFor(topic, partition, ready);
      this.#appended(queue, partition, append(queue, ready));
    } catch (error) {
      failed(clientErrorOf(error, topic));
    }
  }

  /** Throws KafkaError. */
  #ensureFits(sizeBytes: number): void {
    const { maxRequestSize, bufferMemory } = this.#settings;
    const [limit, key] =
      maxRequestSize < bufferMemory ? [maxRequestSize, 'max.request.size'] : [bufferMemory, 'buffer.memory'];
    if (sizeBytes <= limit) return;
    throw new KafkaError(Errors.MESSAGE_TOO_LARGE, `a record of ${sizeBytes} bytes is larger than ${limit} (${key})`);
  }

  /** Throws KafkaError: the record is too large. */
  #queueFor(topic: string, partition: number | undefined, { key, value, headers }: ReadyRecord): PartitionQueue {
    this.#ensureFits(largestSizeOf(key, value, headers));
    return this.#accumulator.queueOf(topic, partition ?? this.#choose(topic, key, value));
  }

  #choose(topic: string, key: Content, value: Content): number {
    const partitions = this.#topics.known(topic);
    if (this.#partitioner !== undefined) {
      const chosen = this.#partitioner({ topic, key: asBytes(key), value: asBytes(value), partitions });
      if (Number.isInteger(chosen) && chosen >= 0 && chosen < partitions) return chosen;
      throw new ConfigurationError(`the partitioner has chosen ${chosen} of ${partitions} partitions`);
    }
    if (key !== null && !this.#settings.ignoresKeys) return partitionForKey(asBytes(key) as Uint8Array, partitions);
    return this.#sticky.current(topic, partitions, this.#hasLeader(topic));
  }

  #appended({ topic, open }: PartitionQueue, partition: number | undefined, how: Appended): void {
    if (partition === undefined) {
      this.#sticky.appended(topic, this.#accumulator.lastAppendedBytes, open?.writer.isFull !== false);
    }
    if (how === Appended.READY) this.#sender.wake();
    else if (how === Appended.BEGUN) this.#sender.expect();
  }

  get #transactional(): Transactions {
    if (this.#transactions !== undefined) return this.#transactions;
    throw new ConfigurationError('the producer has no transactional id', 'Give it a transactionalId.');
  }

  #scope(): TransactionScope<K, V> {
    const sendOffsets = async (
      given: OffsetSource | ConsumedOffsets,
      consumer?: ConsumerPlace | Pick<OffsetSource, 'groupMetadata'>,
    ): Promise<void> => {
      if ('assignment' in given) await this.sendOffsets(offsetsOf(given), given);
      else await this.sendOffsets(given, consumer as ConsumerPlace);
    };
    const send = (...given: Parameters<Producer<K, V>['send']>): Promise<unknown> => {
      const sent = this.send(...given);
      // Whoever does not wait for it learns by the commit that it has failed.
      sent.catch(() => undefined);
      return sent;
    };
    return { send: send as Producer<K, V>['send'], sendOffsets };
  }

  async #end(isCommit: boolean): Promise<void> {
    const transactions = this.#transactional;
    await this.#lines.empty();
    if (!isCommit) this.#sender.failUnsent(abortedError());
    await this.#sender.flush();
    try {
      await transactions.end(isCommit);
    } finally {
      this.#followTransactions();
    }
  }

  #followTransactions(): void {
    const identity = this.#transactional.identity;
    if (identity !== undefined) this.#sequences?.follow(identity);
  }

  /** Partitions have joined, or the transaction has failed: then nothing more of it leaves. */
  #transactionChanged(): void {
    const fault = this.#transactions?.fault;
    if (fault?.fatal === true) this.#sender.failAll(fault);
    else if (fault !== undefined) this.#sender.failUnsent(fault);
    this.#sender.wake();
  }

  #patiently<T>(work: Promise<T>, how: CallOptions): Promise<T> {
    return asClientErrors(patiently(this.#client.clock, work, how));
  }
}

const asBytes = (content: Content): Uint8Array | null =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : content;

/** Of each partition that it has a position in. */
function offsetsOf(consumer: OffsetSource): ConsumedOffsets {
  return consumer.assignment().flatMap(({ topic, partition }) => {
    const offset = consumer.position(topic, partition);
    return offset === undefined ? [] : [{ topic, partition, offset }];
  });
}

function abortedError(): TransactionError {
  const advice = 'Send it again in another transaction, if it is wanted.';
  return new TransactionError('the transaction was aborted before the record was sent', { advice });
}
