// The log behind a coordinator: the partitions of one internal topic that this node leads, through its replica manager
// (Kafka: CoordinatorPartitionWriter, and the reading of CoordinatorLoaderImpl).
import type {
  AppendResult,
  AppendWatcher,
  ClientTransaction,
  CommitWaiter,
  LogReader,
  PartitionWriter,
  Producer,
} from '../../coordinator-common/index.ts';
import type { BufferSource } from '../../log/index.ts';
import { Errors, type Int64, NO_SEQUENCE, producerId } from '../../protocol/index.ts';
import {
  type AckWaiter,
  deleteRecords,
  type Partition,
  type ReplicaManager,
  type TransactionVerifier,
  type Verdict,
  type VerificationGuard,
  verifyAppend,
} from '../../replication/index.ts';
import type { Clock } from '../../runtime/index.ts';

const ALL_REPLICAS = -1;
/** Batches of a coordinator stand in no sequence. */
/** The least that a log takes, for a partition that is gone: nothing is appended to it any more. */
const NO_PARTITION_BATCH_BYTES = 1024;

export interface ReplicaPartitionWriterOptions {
  readonly replicas: Pick<ReplicaManager, 'partition' | 'missingError'>;
  readonly topic: string;
  readonly clock: Clock;
  readonly verifier: TransactionVerifier;
}

export class ReplicaPartitionWriter implements PartitionWriter {
  readonly #replicas: Pick<ReplicaManager, 'partition' | 'missingError'>;
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #verifier: TransactionVerifier;
  /** The guards of verifications that ended well. */
  readonly #good = new WeakSet<VerificationGuard>();

  constructor(options: ReplicaPartitionWriterOptions) {
    this.#replicas = options.replicas;
    this.#topic = options.topic;
    this.#clock = options.clock;
    this.#verifier = options.verifier;
  }

  maxBatchBytes(index: number): number {
    const { maxMessageBytes, segmentBytes } = this.#led(index)?.log.config ?? NO_PARTITION;
    return Math.min(maxMessageBytes, segmentBytes);
  }

  reader(index: number): LogReader | undefined {
    const partition = this.#led(index);
    return partition && new PartitionReader(partition);
  }

  append(index: number, batch: Buffer, transactionVersion = 0): AppendResult {
    const partition = this.#replicas.partition(this.#topic, index);
    if (partition === undefined) return refused(this.#replicas.missingError(this.#topic, index));
    const refusal = partition.checkAppend(ALL_REPLICAS);
    if (refusal !== Errors.NONE) return refused(refusal);
    const { leaderEpoch } = partition;
    const info = partition.append(batch, {
      origin: 'coordinator',
      leaderEpoch,
      now: this.#clock.nowMs(),
      validation: 'header',
      guard: this.#verified(partition, producerId(batch)),
      transactionVersion,
    });
    return { errorCode: info.errorCode, firstOffset: info.firstOffset, endOffset: info.lastOffset + 1 };
  }

  awaitCommitted(index: number, endOffset: number, waiter: CommitWaiter): void {
    const partition = this.#replicas.partition(this.#topic, index);
    if (partition === undefined) waiter.committed(this.#replicas.missingError(this.#topic, index));
    else partition.awaitAck(endOffset, ALL_REPLICAS, new CommitAck(waiter), 0);
  }

  refusal(index: number): number {
    const partition = this.#replicas.partition(this.#topic, index);
    return partition === undefined
      ? this.#replicas.missingError(this.#topic, index)
      : partition.checkAppend(ALL_REPLICAS);
  }

  refusalOf(index: number, { producerId, producerEpoch }: Producer): number {
    const partition = this.#replicas.partition(this.#topic, index);
    if (partition === undefined) return this.#replicas.missingError(this.#topic, index);
    return partition.log.transactions.check(producerId, producerEpoch, this.#verified(partition, producerId));
  }

  /** What the log knows of the producer's verification, where it ended well. */
  #verified({ log }: Partition, id: Int64): VerificationGuard | undefined {
    const guard = id < 0 ? undefined : log.transactions.guardOf(id);
    return guard !== undefined && this.#good.has(guard) ? guard : undefined;
  }

  watch(index: number, watcher: AppendWatcher | undefined): void {
    this.#replicas.partition(this.#topic, index)?.watchAppends(watcher);
  }

  deleteRecords(index: number, offset: number): number {
    const partition = this.#replicas.partition(this.#topic, index);
    if (partition === undefined) return this.#replicas.missingError(this.#topic, index);
    return deleteRecords(partition, offset).errorCode;
  }

  verify(index: number, transaction: ClientTransaction): number | Promise<number> {
    const partition = this.#replicas.partition(this.#topic, index);
    if (partition === undefined) return this.#replicas.missingError(this.#topic, index);
    if (!partition.isLeader) return Errors.NOT_LEADER_OR_FOLLOWER;
    const verdict = verifyAppend(this.#verifier, { ...transaction, partition, sequence: NO_SEQUENCE });
    if (verdict instanceof Promise) return verdict.then((settled) => this.#settled(settled, transaction, partition));
    return this.#settled(verdict, transaction, partition);
  }

  #settled(verdict: Verdict, { producerId, knowsAbortable }: ClientTransaction, { log }: Partition): number {
    if (typeof verdict === 'number') return told(verdict, knowsAbortable);
    // A marker has ended the transaction meanwhile, of which the coordinator could not know when it answered.
    if (log.transactions.guardOf(producerId) !== verdict) return Errors.INVALID_TXN_STATE;
    this.#good.add(verdict);
    return Errors.NONE;
  }

  #led(index: number): Partition | undefined {
    const partition = this.#replicas.partition(this.#topic, index);
    return partition?.isLeader === true ? partition : undefined;
  }
}

const NO_PARTITION = { maxMessageBytes: NO_PARTITION_BATCH_BYTES, segmentBytes: NO_PARTITION_BATCH_BYTES };

function refused(errorCode: number): AppendResult {
  return { errorCode, firstOffset: -1, endOffset: -1 };
}

/** Clients of before KIP-890 know of no error on which a transaction may be aborted. */
function told(verdict: number, knowsAbortable: boolean): number {
  return verdict === Errors.TRANSACTION_ABORTABLE && !knowsAbortable ? Errors.INVALID_TXN_STATE : verdict;
}

/** Waits for the high watermark, by which a coordinator goes alone (Kafka: CoordinatorRuntime.HighWatermarkListener). */
class CommitAck implements AckWaiter {
  readonly #waiter: CommitWaiter;

  constructor(waiter: CommitWaiter) {
    this.#waiter = waiter;
  }

  acknowledged(_slot: number, errorCode: number): void {
    // The high watermark has passed it; that replicas have gone out of sync meanwhile is told to the next who writes.
    this.#waiter.committed(errorCode === Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND ? Errors.NONE : errorCode);
  }
}

class PartitionReader implements LogReader {
  readonly #partition: Partition;

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  get startOffset(): number {
    return this.#partition.log.logStartOffset;
  }
  get endOffset(): number {
    return this.#partition.log.logEndOffset;
  }
  get committedOffset(): number {
    return this.#partition.log.highWatermark;
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    await this.#written(offset);
    if (!this.#partition.isLeader) return Buffer.alloc(0);
    const { log } = this.#partition;
    const slice = log.read(offset, maxBytes, { upTo: log.writtenEndOffset, minOneBatch: true });
    // One buffer for all of it: batches must not be torn between two.
    const whole: BufferSource = { take: () => Buffer.allocUnsafe(slice.sizeBytes) };
    const buffers = await slice.read(whole);
    return buffers.length === 1 ? (buffers[0] as Buffer) : Buffer.concat(buffers);
  }

  /** Resolves when what an earlier shard of the partition has appended is in the file. */
  #written(offset: number): Promise<void> | undefined {
    const partition = this.#partition;
    const { writtenEndOffset, logEndOffset } = partition.log;
    if (offset < writtenEndOffset || writtenEndOffset >= logEndOffset) return undefined;
    return new Promise((resolve) => partition.awaitAck(logEndOffset, 1, { acknowledged: () => resolve() }, 0));
  }
}
