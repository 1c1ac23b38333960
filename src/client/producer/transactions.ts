// The transactions of one producer, as its coordinator sees them (KIP-98): where transaction.version is 2, partitions join by being
// written to and every end brings another epoch (KIP-890); before, they are added first. Kafka's TransactionManager.
import { type ErrorCode, Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import { InitProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { AddPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { AddOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { EndTxn } from '../../protocol/messages/26-end-txn.ts';
import { TxnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { ClientError, factsOf, TransactionError } from '../errors.ts';
import type { Identity } from './producer-identity.ts';
import { TransactionPartitions } from './transaction-partitions.ts';

/** Topic, partition and the next offset to read. */
export type ConsumedOffsets = readonly {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the last record that was read; -1 or left out: not known. */
  readonly leaderEpoch?: number | undefined;
  readonly metadata?: string | null | undefined;
}[];

/** The consumer that has read: a member of a group in its generation, or just a group. */
export interface ConsumerPlace {
  readonly groupId: string;
  readonly generationId?: number | undefined;
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | null | undefined;
}

/** none: before the first `init` · ready · open · broken: has to be aborted · ended: fenced, of no more use. */
type State = 'none' | 'ready' | 'open' | 'broken' | 'ended';

const FEATURE = 'transaction.version';
/** The newest versions of a time in which partitions had to be added first. */
const BEFORE_VERSION_2 = { produce: 11, endTxn: 4, txnOffsetCommit: 4 };
/** From this version on the coordinator raises the epoch of the id that it is shown (KIP-360). */
const RAISES_EPOCH = 3;
const FATAL: ReadonlySet<ErrorCode> = new Set([
  Errors.PRODUCER_FENCED,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.INVALID_PRODUCER_ID_MAPPING,
  Errors.CLUSTER_AUTHORIZATION_FAILED,
  Errors.UNSUPPORTED_VERSION,
]);
const WORDS: Readonly<Record<State, string>> = {
  none: 'initTransactions has not been called',
  ready: 'none has begun',
  open: 'one is open',
  broken: 'the one that is open has failed and has to be aborted',
  ended: 'the producer is at its end',
};

export class Transactions {
  readonly #client: ClusterClient;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  readonly #changed: () => void;
  #state: State = 'none';
  /** Why it is broken or ended. */
  #fault: KafkaError | undefined;
  #identity: Identity | undefined;
  #hasVersion2 = false;
  readonly #partitions: TransactionPartitions;
  #hasGroup = false;

  /** `changed`: partitions have been added, or something has failed. */
  constructor(client: ClusterClient, transactionalId: string, timeoutMs: number, changed: () => void) {
    this.#client = client;
    this.#transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
    this.#changed = changed;
    this.#partitions = new TransactionPartitions({
      add: (partitions) => this.#addPartitions(partitions),
      added: changed,
      failed: (error) => this.failed(error),
    });
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Whether `begin` may be called. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Why nothing more of this transaction can be sent; undefined: it can. */
  get fault(): TransactionError | undefined {
    if (this.#state !== 'broken' && this.#state !== 'ended') return undefined;
    return transactionError(this.#fault ?? new KafkaError(Errors.INVALID_TXN_STATE), this.#state === 'broken');
  }

  /** Whether there is something to abort. */
  get canBeAborted(): boolean {
    return this.#state === 'open' || this.#state === 'broken';
  }

  get produceVersion(): number | undefined {
    return this.#hasVersion2 ? undefined : BEFORE_VERSION_2.produce;
  }

  async init(): Promise<void> {
    if (this.#state === 'open' || this.#state === 'ended') throw this.#wrongState('transactions cannot be set up');
    this.#hasVersion2 = (await this.#client.featureLevel(FEATURE)) >= 2;
    await this.#initId({ producerId: -1, epoch: -1 });
    this.#state = 'ready';
  }

  /** Throws ClientError, as everything here that is called in the wrong order. */
  begin(): void {
    if (this.#state !== 'ready') throw this.#wrongState('a transaction cannot begin');
    this.#state = 'open';
    this.#fault = undefined;
    this.#partitions.clear();
    this.#hasGroup = false;
  }

  ensureOpen(): void {
    if (this.#state !== 'open') throw this.fault ?? this.#wrongState('there is no transaction to write to');
  }

  /** Something of this transaction has failed for good. */
  failed(error: KafkaError): void {
    if (this.#state !== 'open' && this.#state !== 'broken') return;
    this.#state = FATAL.has(error.code) ? 'ended' : 'broken';
    this.#fault ??= error;
    this.#changed();
  }

  /** Whether the partition is in the transaction; it is added, where writing to it does not do that. */
  mayWrite(topic: string, partition: number): boolean {
    return this.#partitions.has(topic, partition, this.#hasVersion2);
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
      throw this.fault ?? error;
    }
  }

  /** Rejects with TransactionError. */
  async end(isCommit: boolean): Promise<void> {
    if (this.#state !== 'open' && (isCommit || this.#state !== 'broken')) {
      throw this.fault ?? this.#wrongState('there is no transaction to end');
    }
    const wasBroken = this.#state === 'broken';
    try {
      await this.#partitions.settled();
      if (!this.#partitions.isEmpty || this.#hasGroup) await this.#endAtCoordinator(isCommit);
      // What was given up may come to a log yet: it must find another epoch there (KIP-360).
      if (wasBroken && !this.#hasVersion2) await this.#initId(this.#identity as Identity);
      this.#state = 'ready';
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      // Whether a commit that was not answered has been carried out, only another producer with this id finds out.
      const canBeAborted = isCommit && error.code === Errors.TRANSACTION_ABORTABLE;
      this.#state = canBeAborted ? 'broken' : 'ended';
      this.#fault = error;
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
        { newestVersion: this.#hasVersion2 ? undefined : BEFORE_VERSION_2.endTxn },
      );
      this.#check(errorCode);
      if (this.#hasVersion2) this.#identity = { producerId, epoch: producerEpoch };
    });
  }

  #initId({ producerId, epoch: producerEpoch }: Identity): Promise<void> {
    return this.#asking(async () => {
      const transactionalId = this.#transactionalId;
      const plain = { transactionalId, transactionTimeoutMs: this.#timeoutMs };
      const answer = await this.#client.askCoordinator('transaction', transactionalId, InitProducerId, (version) =>
        version < RAISES_EPOCH ? plain : { ...plain, producerId, producerEpoch },
      );
      this.#check(answer.errorCode);
      this.#identity = { producerId: answer.producerId, epoch: answer.producerEpoch };
    });
  }

  #addPartitions(topics: ReadonlyMap<string, number[]>): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#ids();
    const request = {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [...topics].map(([name, partitions]) => ({ name, partitions })),
    };
    return this.#asking(async () => {
      const how = { newestVersion: 3 };
      const answer = await this.#client.askCoordinator(
        'transaction',
        transactionalId,
        AddPartitionsToTxn,
        request,
        how,
      );
      const codes = answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
      );
      // OPERATION_NOT_ATTEMPTED: another one is to blame.
      const isFault = (code: number): boolean => code !== Errors.NONE && code !== Errors.OPERATION_NOT_ATTEMPTED;
      this.#check(codes.find(isFault) ?? codes.find((code) => code !== Errors.NONE) ?? Errors.NONE);
    });
  }

  #addGroup(groupId: string, deadlineMs: number): Promise<void> {
    return this.#asking(async () => {
      const request = { ...this.#ids(), groupId };
      const answer = await this.#client.askCoordinator('transaction', this.#transactionalId, AddOffsetsToTxn, request);
      this.#check(answer.errorCode);
    }, deadlineMs);
  }

  async #commitOffsets(offsets: ConsumedOffsets, consumer: ConsumerPlace): Promise<void> {
    const { groupId } = consumer;
    const topics = new Map<string, OffsetInput[]>();
    for (const { topic, partition, offset, leaderEpoch = -1, metadata } of offsets) {
      const committed = {
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: metadata ?? '',
      };
      topics.set(topic, [...(topics.get(topic) ?? []), { partitionIndex: partition, ...committed }]);
    }
    const request = {
      ...this.#ids(),
      groupId,
      topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
    };
    const { generationId = -1, memberId = '', groupInstanceId = null } = consumer;
    const how = { newestVersion: this.#hasVersion2 ? undefined : BEFORE_VERSION_2.txnOffsetCommit };
    const answer = await this.#client.askCoordinator(
      'group',
      groupId,
      TxnOffsetCommit,
      // Who the consumer is, brokers ask from KIP-447 on.
      (version) => (version < 3 ? request : { ...request, generationId, memberId, groupInstanceId }),
      how,
    );
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

  /** Behind an answer of the transaction coordinator. */
  #check(errorCode: number): void {
    if (errorCode === Errors.NOT_COORDINATOR || errorCode === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('transaction', this.#transactionalId);
    }
    // From a coordinator, it means that another producer has the id (KIP-588).
    throwIfFailed(errorCode === Errors.INVALID_PRODUCER_EPOCH ? Errors.PRODUCER_FENCED : errorCode);
  }

  #wrongState(what: string): ClientError {
    return new ClientError(`${what}: ${WORDS[this.#state]}`, {
      code: 'INVALID_TXN_STATE',
      fatal: this.#state === 'ended',
    });
  }
}

interface OffsetInput {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string;
}

function transactionError(error: KafkaError, canBeAborted: boolean): TransactionError {
  return new TransactionError(error.message, { ...factsOf(error), fatal: !canBeAborted });
}
