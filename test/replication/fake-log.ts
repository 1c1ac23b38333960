// A partition log in memory whose writes end when the test says so. It keeps batches of a fixed size and none of Kafka's rules.
import type { AppendInfo, PartitionLog } from '../../src/log/index.ts';
import type { PartitionImage } from '../../src/kraft/metadata/index.ts';

export const BATCH_BYTES = 100;

interface WriteWaiter {
  written(errorCode: number): void;
}

export class FakeLog {
  readonly topic = 'topic';
  readonly topicId = 'AAAAAAAAAAAAAAAAAAAABA';
  readonly partition = 0;
  readonly directory = '/data/topic-0';
  readonly config = { minInsyncReplicas: 1, cleanupPolicy: ['delete'], produceValidation: 'header' };
  readonly epochs: [epoch: number, startOffset: number][] = [];
  logStartOffset = 0;
  logEndOffset = 0;
  writtenEndOffset = 0;
  highWatermark = 0;
  unstableOffset: number | undefined;
  isHot = true;
  /** Thrown by every reading. */
  readFailure: Error | undefined;
  /** What the log was told of its disk. */
  readonly diskFailures: Error[] = [];
  #waiters: [offset: number, waiter: WriteWaiter][] = [];

  diskFailed(error: Error): void {
    this.diskFailures.push(error);
  }

  /** The log as the room under test sees it. */
  get asLog(): PartitionLog {
    return this as unknown as PartitionLog;
  }
  get lastStableOffset(): number {
    return Math.min(this.unstableOffset ?? this.highWatermark, this.highWatermark);
  }
  updateHighWatermark(offset: number): void {
    this.highWatermark = offset;
  }
  becomeLeader(epoch: number): void {
    this.epochs.push([epoch, this.logEndOffset]);
  }
  endOffsetForEpoch(epoch: number): { leaderEpoch: number; endOffset: number } {
    const at = this.epochs.findLastIndex(([known]) => known <= epoch);
    const newest = this.epochs.at(-1)?.[0] ?? -1;
    if (at === -1 || epoch > newest) return { leaderEpoch: -1, endOffset: -1 };
    return { leaderEpoch: this.epochs[at]?.[0] ?? -1, endOffset: this.epochs[at + 1]?.[1] ?? this.logEndOffset };
  }
  /** Every batch is one record of BATCH_BYTES. */
  append(): AppendInfo {
    const offset = this.logEndOffset++;
    return { errorCode: 0, firstOffset: offset, lastOffset: offset, bytes: BATCH_BYTES } as AppendInfo;
  }
  onWritten(offset: number, waiter: WriteWaiter): void {
    this.#waiters.push([offset, waiter]);
  }
  /** The disk has written everything. */
  finishWrites(): void {
    this.writtenEndOffset = this.logEndOffset;
    this.#wake(0);
  }
  /** The disk has refused everything that was not written. */
  failWrites(errorCode: number): void {
    this.logEndOffset = this.writtenEndOffset;
    this.#wake(errorCode);
  }
  #wake(errorCode: number): void {
    for (const [, waiter] of this.#waiters.splice(0)) waiter.written(errorCode);
  }
  read(fetchOffset: number, maxBytes: number, options: { upTo: number; minOneBatch: boolean }) {
    const available = (options.upTo - fetchOffset) * BATCH_BYTES;
    const sizeBytes = Math.min(available, options.minOneBatch ? Math.max(maxBytes, BATCH_BYTES) : maxBytes);
    const readSync = () => {
      if (this.readFailure !== undefined) throw this.readFailure;
      return [Buffer.alloc(sizeBytes, fetchOffset)];
    };
    return { sizeBytes, isHot: this.isHot, upperBoundOffset: undefined, readSync, read: async () => readSync() };
  }
  abortedTransactions(): { producerId: number; firstOffset: number }[] {
    return [{ producerId: 9, firstOffset: 0 }];
  }
  deleteRecordsBefore(offset: number): number {
    this.logStartOffset = Math.max(this.logStartOffset, offset);
    return this.logStartOffset;
  }
}

export function partitionImage(parts: Partial<PartitionImage> = {}): PartitionImage {
  return {
    partition: 0,
    replicas: [1],
    directories: [],
    isr: [1],
    addingReplicas: [],
    removingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
    ...parts,
  };
}
