// The log behind a coordinator on one node, over its replicas of the model.
import type {
  AppendResult,
  AppendWatcher,
  ClientTransaction,
  CommitWaiter,
  LogReader,
  PartitionWriter,
  Producer,
} from '../../../src/coordinator-common/index.ts';
import { Errors, type Int64 } from '../../../src/protocol/index.ts';
import * as batch from '../../../src/protocol/records/index.ts';
import { type Clock, delay } from '../../../src/runtime/index.ts';
import type { TransactionVerifier } from '../../../src/replication/index.ts';
import type { Replica, ReplicatedPartition } from './replicated-partition.ts';

const MIN_ISR = 2;
const NO_PRODUCER = -1;

export interface ReplicatedWriterOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly partitions: readonly ReplicatedPartition[];
  readonly verifier: () => TransactionVerifier;
  /** Something was appended. */
  readonly appended: (partition: ReplicatedPartition) => void;
  readonly readDelayMs: () => number;
  /** The process has not ended. */
  readonly isAlive: () => boolean;
}

export class ReplicatedWriter implements PartitionWriter {
  readonly #options: ReplicatedWriterOptions;
  /** What markers a producer had when it was verified last. */
  readonly #verified = new Map<string, number>();

  constructor(options: ReplicatedWriterOptions) {
    this.#options = options;
  }

  #at(index: number): { partition: ReplicatedPartition; replica: Replica } {
    const partition = this.#options.partitions[index] as ReplicatedPartition;
    return { partition, replica: partition.replica(this.#options.nodeId) };
  }

  maxBatchBytes(): number {
    return 1024 * 1024;
  }

  reader(index: number): LogReader | undefined {
    const { replica } = this.#at(index);
    if (!replica.isLeader) return undefined;
    const { clock, readDelayMs } = this.#options;
    return {
      startOffset: 0,
      get endOffset() {
        return replica.endOffset;
      },
      get committedOffset() {
        return replica.highWatermark;
      },
      async read(offset, maxBytes) {
        await delay(clock, readDelayMs());
        if (!replica.isLeader) return Buffer.alloc(0);
        const from = replica.batches.filter(({ endOffset }) => endOffset > offset).map(({ bytes }) => bytes);
        return Buffer.from(Buffer.concat(from).subarray(0, Math.max(maxBytes, from[0]?.length ?? 0)));
      },
    };
  }

  refusal(index: number): number {
    const { replica } = this.#at(index);
    if (!replica.isLeader || !this.#options.isAlive()) return Errors.NOT_LEADER_OR_FOLLOWER;
    return replica.told.isr.length < MIN_ISR ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE;
  }

  append(index: number, bytes: Buffer): AppendResult {
    const { partition, replica } = this.#at(index);
    if (this.#options.isAlive()) replica.watcher?.beforeAppend();
    const producerId = batch.producerId(bytes);
    const producer = { producerId, producerEpoch: batch.producerEpoch(bytes) };
    const isMarker = batch.isControl(bytes);
    const fault =
      this.refusal(index) ||
      (isMarker
        ? this.#markerFault(replica, producer)
        : producerId < 0
          ? Errors.NONE
          : this.refusalOf(index, producer));
    if (fault !== Errors.NONE) return { errorCode: fault, firstOffset: -1, endOffset: -1 };
    const baseOffset = replica.endOffset;
    batch.setBaseOffset(bytes, baseOffset);
    const endOffset = batch.lastOffset(bytes) + 1;
    replica.batches = [...replica.batches, { bytes, baseOffset, endOffset, epoch: replica.told.leaderEpoch }];
    replica.watcher?.appended(bytes, baseOffset, endOffset);
    this.#options.appended(partition);
    return { errorCode: Errors.NONE, firstOffset: baseOffset, endOffset };
  }

  awaitCommitted(index: number, endOffset: number, waiter: CommitWaiter): void {
    this.#at(index).replica.await(endOffset, waiter);
  }

  refusalOf(index: number, { producerId, producerEpoch }: Producer): number {
    const known = producerIn(this.#at(index).replica, producerId);
    if (producerEpoch < known.epoch) return Errors.INVALID_PRODUCER_EPOCH;
    if (known.isOpen && producerEpoch === known.epoch) return Errors.NONE;
    return this.#verified.get(`${index} ${producerId}`) === known.markers ? Errors.NONE : Errors.INVALID_TXN_STATE;
  }

  #markerFault(replica: Replica, { producerId, producerEpoch }: Producer): number {
    return producerEpoch < producerIn(replica, producerId).epoch ? Errors.INVALID_PRODUCER_EPOCH : Errors.NONE;
  }

  watch(index: number, watcher: AppendWatcher | undefined): void {
    if (this.#options.isAlive()) this.#at(index).replica.watcher = watcher;
  }

  deleteRecords(): number {
    return Errors.NONE;
  }

  async verify(index: number, transaction: ClientTransaction): Promise<number> {
    const { partition, replica } = this.#at(index);
    if (!replica.isLeader) return Errors.NOT_LEADER_OR_FOLLOWER;
    const { producerId } = transaction;
    const known = producerIn(replica, producerId);
    if (known.isOpen && known.epoch === transaction.producerEpoch) return Errors.NONE;
    const named = { topic: partition.topic, index: partition.index } as never;
    const verdict = await this.#options.verifier().verify({ ...transaction, partition: named });
    if (verdict !== Errors.NONE) return verdict;
    // A marker that has come meanwhile has ended the transaction.
    if (producerIn(replica, producerId).markers !== known.markers) return Errors.INVALID_TXN_STATE;
    this.#verified.set(`${index} ${producerId}`, known.markers);
    return Errors.NONE;
  }
}

/** As a log knows it. */
function producerIn({ batches }: Replica, producerId: Int64): { epoch: number; markers: number; isOpen: boolean } {
  const known = { epoch: NO_PRODUCER, markers: 0, isOpen: false };
  for (const { bytes } of batches) {
    if (batch.producerId(bytes) !== producerId) continue;
    known.epoch = batch.producerEpoch(bytes);
    known.isOpen = !batch.isControl(bytes);
    if (!known.isOpen) known.markers++;
  }
  return known;
}
