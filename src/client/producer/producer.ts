// Writes records, each once: idempotent, acks=all, in the order sent for each partition. With a transactional id, several records
// and consumed offsets become visible together or not at all.
import { Errors, KafkaError, partitionForKey } from '../../protocol/index.ts';
import { randomInt } from '../../runtime/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { PartitionSender, type ProducerRecord, type SenderContext, type SentRecord } from './partition-sender.ts';
import { type Identity, ProducerIdentity } from './producer-identity.ts';
import { type ConsumedOffsets, type ConsumerPlace, Transactions } from './transactions.ts';

export interface ProducerOptions {
  readonly transactionalId?: string;
  /** transaction.timeout.ms */
  readonly transactionTimeoutMs?: number;
  /** delivery.timeout.ms */
  readonly deliveryTimeoutMs?: number;
  readonly maxBatchRecords?: number;
}

const DEFAULTS = { transactionTimeoutMs: 60_000, deliveryTimeoutMs: 120_000, maxBatchRecords: 1000 };

export class Producer {
  readonly #client: ClusterClient;
  readonly #context: SenderContext;
  readonly #senders = new Map<string, PartitionSender>();
  readonly #transactions: Transactions | undefined;
  /** Records without key go to one partition for a while (KIP-480). */
  readonly #sticky = new Map<string, number>();

  constructor(client: ClusterClient, options: ProducerOptions = {}) {
    const { transactionalId, transactionTimeoutMs, deliveryTimeoutMs, maxBatchRecords } = { ...DEFAULTS, ...options };
    this.#client = client;
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

  /** Rejects with KafkaError when the record could not be delivered in time, or never can. It may be in the log all the same. */
  async send(topic: string, record: ProducerRecord): Promise<SentRecord> {
    this.#transactions?.ensureOpen();
    const partition = record.partition ?? (await this.#choose(topic, record.key ?? null));
    return this.#sender(topic, partition).send(record);
  }

  /** Takes over from whoever had the transactional id before, whose open transaction is aborted. Rejects with KafkaError. */
  async initTransactions(): Promise<void> {
    await this.#transactional.init();
  }

  begin(): void {
    this.#transactional.begin();
    for (const sender of this.#senders.values()) sender.follow(this.#transactional.identity as Identity);
  }

  /** `offsets` are committed for the group if the transaction is. Rejects with KafkaError. */
  async sendOffsets(offsets: ConsumedOffsets, consumer: ConsumerPlace): Promise<void> {
    await this.#transactional.sendOffsets(offsets, consumer);
  }

  /** Rejects with KafkaError: a TransactionError tells whether the transaction has to be aborted, or the producer ends. */
  async commit(): Promise<void> {
    await this.#end(true);
  }

  async abort(): Promise<void> {
    await this.#end(false);
  }

  /** Resolves when all that was sent has been acknowledged or given up. */
  async flush(): Promise<void> {
    await Promise.all([...this.#senders.values()].map((sender) => sender.idle()));
  }

  get #transactional(): Transactions {
    if (this.#transactions === undefined) throw new Error('the producer has no transactional id');
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

  async #choose(topic: string, key: Uint8Array | null): Promise<number> {
    if (this.#client.topics.partitionsOf(topic).length === 0) await this.#client.leaderOf(topic, 0);
    const partitions = this.#client.topics.partitionsOf(topic);
    if (partitions.length === 0) throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    if (key !== null) return partitionForKey(key, partitions.length);
    const sticky = this.#sticky.get(topic) ?? randomInt(this.#client.random, 0, partitions.length);
    this.#sticky.set(topic, sticky);
    return sticky;
  }
}
