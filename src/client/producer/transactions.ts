// The transactions of one producer, as its coordinator sees them (KIP-98): where transaction.version is 2, partitions join by being
// written to and every end brings another epoch (KIP-890); before, they are added first. Kafka's TransactionManager.
import { type ErrorCode, Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import { InitProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { AddPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { AddOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { EndTxn } from '../../protocol/messages/26-end-txn.ts';
import { TxnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { factsOf, TransactionError } from '../errors.ts';
import type { Identity } from './producer-identity.ts';

/** Topic, partition and the next offset to read. */
export type ConsumedOffsets = readonly {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}[];

/** The consumer that has read: a member of a group in its generation, or just a group. */
export interface ConsumerPlace {
  readonly groupId: string;
  readonly generationId?: number;
  readonly memberId?: string;
}

/** none: before the first `init` · ready · open · broken: has to be aborted · ended: fenced, of no more use. */
type State = 'none' | 'ready' | 'open' | 'broken' | 'ended';

const FEATURE = 'transaction.version';
/** The newest versions of a time in which partitions had to be added first. */
const BEFORE_VERSION_2 = { produce: 11, endTxn: 4, txnOffsetCommit: 4 };
const FATAL: ReadonlySet<ErrorCode> = new Set([
  Errors.PRODUCER_FENCED,
  Errors.INVALID_PRODUCER_EPOCH,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.INVALID_PRODUCER_ID_MAPPING,
]);

export class Transactions {
  readonly #client: ClusterClient;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  #state: State = 'none';
  #identity: Identity | undefined;
  #hasVersion2 = false;
  readonly #enlisted = new Map<string, Promise<void>>();
  #hasGroup = false;

  constructor(client: ClusterClient, transactionalId: string, timeoutMs: number) {
    this.#client = client;
    this.#transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Whether `begin` may be called. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get produceVersion(): number | undefined {
    return this.#hasVersion2 ? undefined : BEFORE_VERSION_2.produce;
  }

  async init(): Promise<void> {
    this.#hasVersion2 = (await this.#client.featureLevel(FEATURE)) >= 2;
    await this.#initId({ producerId: -1, epoch: -1 });
    this.#state = 'ready';
  }

  begin(): void {
    if (this.#state !== 'ready') throw new Error(`a transaction cannot begin: the producer is ${this.#state}`);
    this.#state = 'open';
    this.#enlisted.clear();
    this.#hasGroup = false;
  }

  ensureOpen(): void {
    if (this.#state !== 'open') throw new Error(`there is no transaction to write to: the producer is ${this.#state}`);
  }

  /** Something of this transaction has failed for good. */
  failed(error: KafkaError): void {
    if (this.#state === 'open' || this.#state === 'broken') {
      const isEnd = error.code !== Errors.INVALID_PRODUCER_EPOCH && FATAL.has(error.code);
      this.#state = isEnd ? 'ended' : 'broken';
    }
  }

  /** Adds a partition to the transaction, where writing to it does not do that. */
  async enlist(topic: string, partition: number, deadlineMs: number): Promise<void> {
    const key = `${topic}-${partition}`;
    let enlisted = this.#enlisted.get(key);
    if (enlisted === undefined) {
      enlisted = this.#hasVersion2 ? Promise.resolve() : this.#addPartition(topic, partition, deadlineMs);
      this.#enlisted.set(key, enlisted);
    }
    await enlisted;
  }

  async sendOffsets(offsets: ConsumedOffsets, consumer: ConsumerPlace): Promise<void> {
    this.ensureOpen();
    const deadlineMs = this.#client.deadlineIn(this.#client.limits.apiTimeoutMs);
    this.#hasGroup = true;
    try {
      if (!this.#hasVersion2) await this.#addGroup(consumer.groupId, deadlineMs);
      await this.#client.retrying(deadlineMs, () => this.#commitOffsets(offsets, consumer));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.failed(error);
      throw transactionError(error, this.#state !== 'ended');
    }
  }

  /** Rejects with TransactionError. */
  async end(isCommit: boolean): Promise<void> {
    if (this.#state !== 'open' && (isCommit || this.#state !== 'broken')) {
      throw transactionError(new KafkaError(Errors.INVALID_TXN_STATE), this.#state === 'broken');
    }
    const wasBroken = this.#state === 'broken';
    const isEmpty = this.#enlisted.size === 0 && !this.#hasGroup;
    try {
      if (!isEmpty) await this.#endAtCoordinator(isCommit);
      // What was given up may come to a log yet: it must find another epoch there (KIP-360).
      if (wasBroken && !this.#hasVersion2) await this.#initId(this.#identity as Identity);
      this.#state = 'ready';
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      // Whether a commit that was not answered has been carried out, only another producer with this id finds out.
      const canBeAborted = isCommit && error.code === Errors.TRANSACTION_ABORTABLE;
      this.#state = canBeAborted ? 'broken' : 'ended';
      throw transactionError(error, canBeAborted);
    }
  }

  #endAtCoordinator(committed: boolean): Promise<void> {
    return this.#asking(async () => {
      const request = { ...this.#ids(), committed };
      const { errorCode, producerId, producerEpoch } = await this.#client.askCoordinator(
        'transaction',
        this.#transactionalId,
        EndTxn,
        request,
        this.#hasVersion2 ? {} : { version: BEFORE_VERSION_2.endTxn },
      );
      this.#check(errorCode);
      if (this.#hasVersion2) this.#identity = { producerId, epoch: producerEpoch };
    });
  }

  #initId({ producerId, epoch: producerEpoch }: Identity): Promise<void> {
    return this.#asking(async () => {
      const transactionalId = this.#transactionalId;
      const request = { transactionalId, transactionTimeoutMs: this.#timeoutMs, producerId, producerEpoch };
      const answer = await this.#client.askCoordinator('transaction', transactionalId, InitProducerId, request);
      this.#check(answer.errorCode);
      this.#identity = { producerId: answer.producerId, epoch: answer.producerEpoch };
    });
  }

  #addPartition(topic: string, partition: number, deadlineMs: number): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#ids();
    const request = {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
    };
    return this.#asking(async () => {
      const answer = await this.#client.askCoordinator('transaction', transactionalId, AddPartitionsToTxn, request, {
        version: 3,
      });
      const result = answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0];
      this.#check(result?.partitionErrorCode ?? Errors.UNKNOWN_SERVER_ERROR);
    }, deadlineMs);
  }

  #addGroup(groupId: string, deadlineMs: number): Promise<void> {
    return this.#asking(async () => {
      const request = { ...this.#ids(), groupId };
      const answer = await this.#client.askCoordinator('transaction', this.#transactionalId, AddOffsetsToTxn, request);
      this.#check(answer.errorCode);
    }, deadlineMs);
  }

  async #commitOffsets(offsets: ConsumedOffsets, consumer: ConsumerPlace): Promise<void> {
    const { groupId, generationId = -1, memberId = '' } = consumer;
    const topics = offsets.map(({ topic, partition, offset }) => ({
      name: topic,
      partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }],
    }));
    const request = { ...this.#ids(), groupId, generationId, memberId, topics };
    const how = this.#hasVersion2 ? {} : { version: BEFORE_VERSION_2.txnOffsetCommit };
    const answer = await this.#client.askCoordinator('group', groupId, TxnOffsetCommit, request, how);
    const failed = answer.topics
      .flatMap(({ partitions }) => partitions)
      .find(({ errorCode }) => errorCode !== Errors.NONE);
    if (failed === undefined) return;
    if (isRetriable(failed.errorCode as ErrorCode)) this.#client.forgetCoordinator('group', groupId);
    throwIfFailed(failed.errorCode);
  }

  #ids() {
    const { producerId, epoch } = this.#identity as Identity;
    return { transactionalId: this.#transactionalId, producerId, producerEpoch: epoch };
  }

  #asking(attempt: () => Promise<void>, deadlineMs = this.#client.deadlineIn(this.#client.limits.apiTimeoutMs)) {
    return this.#client.retrying(deadlineMs, attempt);
  }

  #check(errorCode: number): void {
    if (errorCode === Errors.NOT_COORDINATOR || errorCode === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('transaction', this.#transactionalId);
    }
    throwIfFailed(errorCode);
  }
}

function transactionError(error: KafkaError, canBeAborted: boolean): TransactionError {
  return new TransactionError(error.message, { ...factsOf(error), fatal: !canBeAborted });
}
