// The public face of the room (Kafka: TransactionCoordinator): one method per API, each handed to the shard that the
// transactional id belongs to.
import {
  type Answer,
  answering,
  type Coordinator,
  coordinatorError,
  CoordinatorRuntime,
  eachOnce,
  followedBy,
  type PartitionWriter,
  together,
  type TransactionMarker,
} from '../coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import {
  type ErrorCode,
  Errors,
  KafkaError,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  partitionForId,
} from '../protocol/index.ts';
import type { DescribeTransactionsResponse } from '../protocol/messages/65-describe-transactions.ts';
import type { ListTransactionsRequest, ListTransactionsResponse } from '../protocol/messages/66-list-transactions.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import type { PartitionsOfProducer } from './add-partitions.ts';
import type { Decision } from './decision.ts';
import type { EndOfProducer } from './end-transaction.ts';
import type { InitProducerIdArguments, ProducerIdAndEpoch } from './init-producer-id.ts';
import { describeTransaction, type ListedTransaction, TransactionFilter, undescribed } from './listing.ts';
import type { MarkerWriter } from './marker-writer.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { TransactionConfig } from './transaction-config.ts';
import type { TransactionEffects, TransactionEvent } from './transaction-effects.ts';
import { supportsEpochBump, type TransactionMetadata } from './transaction-metadata.ts';
import { type TransactionRecord, transactionRecordSerde } from './transaction-record.ts';
import { ProducerIdMissing, type Stepped, TransactionShard } from './transaction-shard.ts';
import { complete } from './transitions.ts';

export interface TransactionCoordinatorOptions {
  readonly runtime: { readonly clock: Clock; readonly logger: Logger };
  /** The configs as they are now. */
  readonly config: () => TransactionConfig;
  /** __transaction_state. */
  readonly writer: PartitionWriter;
  /** How many partitions __transaction_state has; undefined while it does not exist. */
  readonly partitionCount: () => number | undefined;
  readonly producerIds: ProducerIds;
  readonly markers: MarkerWriter;
}

export interface InitProducerId extends InitProducerIdArguments {
  readonly enable2Pc: boolean;
  readonly keepPreparedTxn: boolean;
}

/** Id and epoch are -1 with an error, and where the client keeps what it has. */
export interface ProducerAnswer extends ProducerIdAndEpoch {
  readonly errorCode: ErrorCode;
}

/** How long an operation waits for its record to be committed: request.timeout.ms of Kafka's inner appends. */
const COMMIT_TIMEOUT_MS = 30_000;

/** All expected failures are told in the answer: nothing is thrown or rejected for a request, however wrong. */
export class TransactionCoordinator implements Coordinator {
  readonly #options: TransactionCoordinatorOptions;
  readonly #shards: CoordinatorRuntime<TransactionShard, TransactionRecord, TransactionEvent>;

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options;
    const { clock, logger } = options.runtime;
    this.#shards = new CoordinatorRuntime({
      name: 'transaction-coordinator',
      clock,
      logger: logger.child('transaction-coordinator'),
      writer: options.writer,
      serde: transactionRecordSerde,
      baseSequence: NO_SEQUENCE,
      commitTimeoutMs: COMMIT_TIMEOUT_MS,
      loadBufferBytes: options.config().transactionStateLogLoadBufferSize,
      newShard: (partition) => this.#newShard(partition),
    });
  }

  #newShard(partition: number): TransactionShard {
    const { config, markers, producerIds, runtime, writer } = this.#options;
    const shard: TransactionShard = new TransactionShard({
      logger: runtime.logger.child('transaction-coordinator'),
      config,
      markers,
      coordinatorEpoch: () => this.#shards.epochOf(partition) ?? 0,
      takeProducerId: () => producerIds.take(),
      maxRecordBytes: () => writer.maxBatchBytes(partition),
      resume: (operation) => this.#resume(partition, shard, operation),
    });
    return shard;
  }

  /** A shard that has been dropped does not go on: the one that took its place begins anew. */
  #resume(partition: number, shard: TransactionShard, operation: (effects: TransactionEffects) => void): void {
    this.#shards.tell(partition, 'an answer to a marker', (current, effects) => {
      if (current === shard) operation(effects);
    });
  }

  onLeader(partition: number, epoch: number): void {
    this.#shards.load(partition, epoch);
  }

  onResigned(partition: number, epoch?: number): void {
    this.#shards.unload(partition, epoch);
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.#shards.onMetadata(image, delta);
  }

  /** For what others wrote to the partition within transactions; those of transactional ids are not kept there. */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#shards.endTransaction(partition, marker);
  }

  endWaits(): void {
    this.#shards.endWaits();
  }

  close(): void {
    this.#shards.close();
  }

  initProducerId(request: InitProducerId): Answer<ProducerAnswer> {
    const fault = this.#initFault(request);
    if (fault !== Errors.NONE) return failed(fault);
    const answerOf = ({ errorCode, next }: Decision): ProducerAnswer => {
      if (errorCode !== Errors.NONE || next === undefined) return failed(errorCode);
      return { errorCode, producerId: next.producerId, producerEpoch: next.producerEpoch };
    };
    return this.#needingProducerId(() =>
      this.#stepping(request.transactionalId, (shard, effects) => shard.initProducerId(request, effects), answerOf),
    );
  }

  #initFault({ transactionalId, timeoutMs, enable2Pc, keepPreparedTxn }: InitProducerId): ErrorCode {
    if (transactionalId === '') return Errors.INVALID_REQUEST;
    // As where transaction.two.phase.commit.enable is not set (KIP-939): there are no versions to ask in where it is.
    if (enable2Pc) return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    if (keepPreparedTxn) return Errors.UNSUPPORTED_VERSION;
    const isInBounds = timeoutMs > 0 && timeoutMs <= this.#options.config().transactionMaxTimeoutMs;
    return isInBounds ? Errors.NONE : Errors.INVALID_TRANSACTION_TIMEOUT;
  }

  addPartitions(asked: PartitionsOfProducer, clientTransactionVersion: number): Answer<ErrorCode> {
    if (asked.transactionalId === '') return Errors.INVALID_REQUEST;
    return answering<ErrorCode>(
      () =>
        this.#stepping(
          asked.transactionalId,
          (shard, effects) => shard.addPartitions(asked, clientTransactionVersion, effects),
          ({ errorCode }) => errorCode,
        ),
      (errorCode) => errorCode,
    );
  }

  /**
   * For who was told CONCURRENT_TRANSACTIONS: resolves when the step that was on its way has come to its end, after `longestMs`
   * at the latest.
   */
  free(transactionalId: string, longestMs: number): Promise<void> {
    const { clock } = this.#options.runtime;
    return new Promise((resolve) => {
      let forget = (): void => undefined;
      const timer = clock.schedule(longestMs, () => {
        forget();
        resolve();
      });
      const freed = (): void => {
        timer.cancel();
        resolve();
      };
      const wait = (shard: TransactionShard): void => {
        forget = shard.whenFree(transactionalId, freed);
      };
      void answering<unknown>(
        () => this.#ask(transactionalId, wait),
        () => undefined,
      );
    });
  }

  /** The answer tells of each partition of `asked.topics`. */
  verifyPartitions(asked: PartitionsOfProducer): Answer<(topic: string, partition: number) => ErrorCode> {
    if (asked.transactionalId === '') return () => Errors.INVALID_REQUEST;
    return answering<(topic: string, partition: number) => ErrorCode>(
      () => this.#ask(asked.transactionalId, (shard) => shard.verify(asked)),
      (errorCode) => () => errorCode,
    );
  }

  endTxn(end: EndOfProducer): Answer<ProducerAnswer> {
    if (end.transactionalId === '') return failed(Errors.INVALID_REQUEST);
    const answerOf = ({ errorCode, after }: EndDecision): ProducerAnswer => {
      if (errorCode !== Errors.NONE || after === undefined) return failed(errorCode);
      const { producerId, producerEpoch } = supportsEpochBump(end.clientTransactionVersion) ? after : NO_PRODUCER;
      return { errorCode, producerId, producerEpoch };
    };
    return this.#needingProducerId(() =>
      this.#stepping(end.transactionalId, (shard, effects) => ended(shard, end, effects), answerOf),
    );
  }

  describeTransactions(transactionalIds: readonly string[]): Answer<DescribeTransactionsResponse['transactionStates']> {
    const described = eachOnce(transactionalIds, (transactionalId) => {
      if (transactionalId === '') return undescribed(transactionalId, Errors.INVALID_REQUEST);
      return answering(
        () => this.#ask(transactionalId, (shard) => describeTransaction(shard, transactionalId)),
        (errorCode) => undescribed(transactionalId, errorCode),
      );
    });
    return together(described, (all) => all);
  }

  /** The transactions of all partitions that are led here. Rejects with KafkaError INVALID_REGULAR_EXPRESSION. */
  async listTransactions(request: ListTransactionsRequest): Promise<ListTransactionsResponse> {
    const filter = await TransactionFilter.of(request);
    const { clock } = this.#options.runtime;
    const nowMs = clock.nowMs();
    const lists: Answer<readonly ListedTransaction[] | ErrorCode>[] = [];
    for (const partition of this.#shards.partitions) {
      lists.push(
        answering<readonly ListedTransaction[] | ErrorCode>(
          () => this.#shards.ask(partition, ({ transactions }) => filter.listed(transactions, nowMs)),
          (errorCode) => (errorCode === Errors.NOT_COORDINATOR ? [] : errorCode),
        ),
      );
    }
    const rows: ListedTransaction[] = [];
    for (const one of await together(lists, (all) => all)) {
      if (typeof one === 'number') return { ...NOTHING_LISTED, errorCode: one };
      for (const row of one) rows.push(row);
    }
    const transactionStates = [...(await filter.matching(rows, clock))];
    const { unknownStates: unknownStateFilters } = filter;
    return { ...NOTHING_LISTED, errorCode: Errors.NONE, unknownStateFilters, transactionStates };
  }

  #ask<T>(transactionalId: string, operation: (shard: TransactionShard, effects: TransactionEffects) => T): Answer<T> {
    const count = this.#options.partitionCount();
    if (count === undefined) throw new KafkaError(Errors.NOT_COORDINATOR);
    return this.#shards.ask(partitionForId(transactionalId, count), operation);
  }

  /** The step is free for the next one before its answer is heard. */
  #stepping<D, T>(
    transactionalId: string,
    operation: (shard: TransactionShard, effects: TransactionEffects) => Stepped<D>,
    answerOf: (decision: D) => T,
  ): Answer<T> {
    const stepped = this.#ask(transactionalId, (shard, effects) => ({ shard, ...operation(shard, effects) }));
    return followedBy(stepped, ({ shard, answer, step }) => {
      shard.settled(step);
      return answerOf(answer);
    });
  }

  /** Asked again once there is a producer id, when that is what is missing. */
  #needingProducerId(ask: () => Answer<ProducerAnswer>): Answer<ProducerAnswer> {
    try {
      const answer = ask();
      if (!(answer instanceof Promise)) return answer;
      return answer.catch((error: unknown) => failed(coordinatorError(error)));
    } catch (error) {
      return error instanceof ProducerIdMissing ? this.#afterNextBlock(ask) : failed(coordinatorError(error));
    }
  }

  async #afterNextBlock(ask: () => Answer<ProducerAnswer>): Promise<ProducerAnswer> {
    try {
      await this.#options.producerIds.ready();
    } catch (error) {
      return failed(coordinatorError(error));
    }
    return this.#needingProducerId(ask);
  }
}

const NO_PRODUCER = { producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH } as const;
const NOTHING_LISTED = { throttleTimeMs: 0, unknownStateFilters: [], transactionStates: [] };

const failed = (errorCode: ErrorCode): ProducerAnswer => ({ errorCode, ...NO_PRODUCER });

/** How the transaction ends, and what it is once that has been carried out, which is told at once. */
interface EndDecision {
  readonly errorCode: ErrorCode;
  readonly after: TransactionMetadata | undefined;
}

function ended(shard: TransactionShard, end: EndOfProducer, effects: TransactionEffects): Stepped<EndDecision> {
  const { answer, step } = shard.endTransaction(end, effects);
  const { errorCode, next } = answer;
  const after = next === undefined ? shard.get(end.transactionalId) : complete(next, effects.nowMs);
  return { answer: { errorCode, after }, step };
}
