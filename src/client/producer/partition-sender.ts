// The records of one producer for one partition: gathered while a batch is under way, sent batch by batch, each one again until it
// is acknowledged or its time is over. One batch at a time keeps the order, whatever becomes of leaders and connections.
import { buildBatch, type ErrorCode, Errors, type Int64, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import { Produce } from '../../protocol/messages/00-produce.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { RecordHeader } from '../serializers.ts';
import type { Identity } from './producer-identity.ts';
import type { RecordMetadata } from './producer-record.ts';

export interface ReadyRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: Int64 | undefined;
  readonly headers: readonly RecordHeader[];
}

/** What the sender needs of its producer. */
export interface SenderContext {
  readonly client: ClusterClient;
  readonly transactionalId: string | null;
  readonly maxBatchRecords: number;
  /** From `send` to the acknowledgement (delivery.timeout.ms). */
  readonly deliveryTimeoutMs: number;
  /** Of Produce: which one says what transactions it belongs to (KIP-890); undefined: the newest. */
  produceVersion(): number | undefined;
  identity(deadlineMs: number): Promise<Identity>;
  /** The one to go on with after a batch of `before` was given up; undefined: ask for another. */
  nextIdentity(before: Identity): Identity | undefined;
  /** Before the first batch of a transaction goes to the partition. */
  enlist(topic: string, partition: number, deadlineMs: number): Promise<void>;
  failed(error: KafkaError): void;
}

interface Pending {
  readonly record: ReadyRecord;
  readonly timestamp: Int64;
  readonly deadlineMs: number;
  resolve(sent: RecordMetadata): void;
  reject(error: unknown): void;
}

/** The broker has answered that it has the batch: nobody knows at which offset. */
const UNKNOWN_OFFSET = -1;

export class PartitionSender {
  readonly topic: string;
  readonly partition: number;
  readonly #context: SenderContext;
  #pending: Pending[] = [];
  #identity: Identity | undefined;
  #sequence = 0;
  #running: Promise<void> | undefined;

  constructor(context: SenderContext, topic: string, partition: number) {
    this.#context = context;
    this.topic = topic;
    this.partition = partition;
  }

  /** Rejects with KafkaError when the record could not be delivered in time, or never can. It may be in the log all the same. */
  send(record: ReadyRecord): Promise<RecordMetadata> {
    const { client, deliveryTimeoutMs } = this.#context;
    return new Promise((resolve, reject) => {
      const deadlineMs = client.deadlineIn(deliveryTimeoutMs);
      this.#pending.push({ record, timestamp: record.timestamp ?? client.clock.nowMs(), deadlineMs, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Another transaction or identity begins: sequences are counted from 0 again when it has another epoch. */
  follow(identity: Identity): void {
    const before = this.#identity;
    if (before?.producerId === identity.producerId && before.epoch === identity.epoch) return;
    this.#identity = identity;
    this.#sequence = 0;
  }

  async #run(): Promise<void> {
    // What is sent in the same turn goes together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, this.#context.maxBatchRecords);
      try {
        const baseOffset = await this.#deliver(batch);
        batch.forEach((pending, index) => {
          const offset = baseOffset < 0 ? UNKNOWN_OFFSET : baseOffset + index;
          pending.resolve({ topic: this.topic, partition: this.partition, offset, timestamp: pending.timestamp });
        });
      } catch (error) {
        if (error instanceof KafkaError) this.#context.failed(error);
        for (const pending of batch) pending.reject(error);
      }
    }
    this.#running = undefined;
  }

  async #deliver(batch: readonly Pending[]): Promise<number> {
    const deadlineMs = (batch[0] as Pending).deadlineMs;
    await this.#context.enlist(this.topic, this.partition, deadlineMs);
    this.follow(this.#identity ?? (await this.#context.identity(deadlineMs)));
    const bytes = this.#bytesOf(batch, this.#identity as Identity);
    try {
      const baseOffset = await this.#context.client.retrying(deadlineMs, () => this.#try(bytes, deadlineMs));
      this.#sequence = (this.#sequence + batch.length) % 2 ** 31;
      return baseOffset;
    } catch (error) {
      // It may be in the log, or come there yet: the sequence that follows is not known in this epoch.
      const next = this.#identity && this.#context.nextIdentity(this.#identity);
      if (next === undefined) this.#identity = undefined;
      else this.follow(next);
      throw error;
    }
  }

  #bytesOf(batch: readonly Pending[], identity: Identity): Buffer {
    const records = batch.map(({ record: { key, value, headers }, timestamp }) => ({ key, value, headers, timestamp }));
    return buildBatch(records, {
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
      baseSequence: this.#sequence,
      isTransactional: this.#context.transactionalId !== null,
    });
  }

  /** One try: the offset of the first record. */
  async #try(records: Buffer, deadlineMs: number): Promise<number> {
    const { client, transactionalId } = this.#context;
    const { topic, partition } = this;
    const { nodeId, topicId } = await client.leaderOf(topic, partition, deadlineMs);
    const request = {
      transactionalId,
      acks: -1,
      timeoutMs: client.limits.requestTimeoutMs,
      topicData: [{ name: topic, topicId, partitionData: [{ index: partition, records }] }],
    };
    try {
      const { responses } = await client.askNode(nodeId, Produce, request, { version: this.#context.produceVersion() });
      const answer = responses.find(
        (one) => one.name === topic || (one.topicId !== ZERO_UUID && one.topicId === topicId),
      );
      const { errorCode = Errors.UNKNOWN_SERVER_ERROR, baseOffset = UNKNOWN_OFFSET } =
        answer?.partitionResponses[0] ?? {};
      if (errorCode === Errors.DUPLICATE_SEQUENCE_NUMBER) return UNKNOWN_OFFSET;
      if (errorCode !== Errors.NONE) throw new KafkaError(errorCode as ErrorCode);
      return baseOffset;
    } catch (error) {
      if (error instanceof KafkaError) client.topics.doubt(topic);
      throw error;
    }
  }
}
