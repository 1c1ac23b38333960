// A coordinator's log in memory: one topic whose appends are committed when the clock, or the test, says so, and which can
// fail, lose what was not committed, and be read like a file.
import type {
  AppendResult,
  AppendWatcher,
  ClientTransaction,
  CommitWaiter,
  LogReader,
  PartitionWriter,
  Producer,
} from '../../src/coordinator-common/index.ts';
import { Errors, type Int64 } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import type { Clock } from '../../src/runtime/index.ts';

interface Appended {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly endOffset: number;
}

interface Waiting {
  readonly endOffset: number;
  readonly waiter: CommitWaiter;
}

export class MemoryLog {
  batches: Appended[] = [];
  startOffset = 0;
  committed = 0;
  waiting: Waiting[] = [];
  watcher: AppendWatcher | undefined;
  get endOffset(): number {
    return this.batches.at(-1)?.endOffset ?? this.startOffset;
  }
}

export class MemoryWriter implements PartitionWriter {
  readonly logs = new Map<number, MemoryLog>();
  readonly #clock: Clock;
  /** Milliseconds until an append is committed; undefined: when `commit` is called. */
  commitDelayMs: (() => number) | undefined = () => 0;
  /** The error of the next append, told at once or when it would have been committed. */
  failNext: { readonly errorCode: number; readonly isLate: boolean } | undefined;
  maxBytes = 1024 * 1024;
  appends = 0;
  /** Why nothing is appended now. */
  refusedWith: number = Errors.NONE;
  /** Whether partitions belong to transactions. */
  verdict: (transaction: ClientTransaction) => number | Promise<number> = () => Errors.NONE;
  /** Reads wait for this. */
  readGate: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  log(partition: number): MemoryLog {
    let log = this.logs.get(partition);
    if (log === undefined) this.logs.set(partition, (log = new MemoryLog()));
    return log;
  }

  maxBatchBytes(): number {
    return this.maxBytes;
  }

  reader(partition: number): LogReader {
    const log = this.log(partition);
    const gate = (): Promise<void> => this.readGate;
    return {
      get startOffset() {
        return log.startOffset;
      },
      get endOffset() {
        return log.endOffset;
      },
      get committedOffset() {
        return log.committed;
      },
      async read(offset, maxBytes) {
        await gate();
        const from = log.batches.filter(({ endOffset }) => endOffset > offset).map(({ bytes }) => bytes);
        const whole = Buffer.concat(from);
        return Buffer.from(whole.subarray(0, Math.max(maxBytes, from[0]?.length ?? 0)));
      },
    };
  }

  producerEpoch(partition: number, producerId: Int64): number {
    let newest = -1;
    for (const { bytes } of this.log(partition).batches) {
      if (batch.producerId(bytes) === producerId) newest = Math.max(newest, batch.producerEpoch(bytes));
    }
    return newest;
  }

  refusal(): number {
    return this.refusedWith;
  }

  refusalOf(partition: number, { producerId, producerEpoch }: Producer): number {
    return producerEpoch < this.producerEpoch(partition, producerId) ? Errors.INVALID_PRODUCER_EPOCH : Errors.NONE;
  }

  watch(partition: number, watcher: AppendWatcher | undefined): void {
    this.log(partition).watcher = watcher;
  }

  verify(_partition: number, transaction: ClientTransaction): number | Promise<number> {
    return this.verdict(transaction);
  }

  deleteRecords(partition: number, offset: number): number {
    const log = this.log(partition);
    if (offset > log.committed) return Errors.OFFSET_OUT_OF_RANGE;
    log.startOffset = Math.max(log.startOffset, offset);
    log.batches = log.batches.filter(({ endOffset }) => endOffset > offset);
    return Errors.NONE;
  }

  append(partition: number, bytes: Buffer): AppendResult {
    const log = this.log(partition);
    log.watcher?.beforeAppend();
    this.appends++;
    if (this.refusedWith !== Errors.NONE) return { errorCode: this.refusedWith, firstOffset: -1, endOffset: -1 };
    const fault = this.failNext;
    if (fault !== undefined && !fault.isLate) {
      this.failNext = undefined;
      return { errorCode: fault.errorCode, firstOffset: -1, endOffset: -1 };
    }
    const producerId = batch.producerId(bytes);
    if (producerId >= 0 && batch.producerEpoch(bytes) < this.producerEpoch(partition, producerId)) {
      return { errorCode: Errors.INVALID_PRODUCER_EPOCH, firstOffset: -1, endOffset: -1 };
    }
    const baseOffset = log.endOffset;
    batch.setBaseOffset(bytes, baseOffset);
    log.batches.push({ bytes, baseOffset, endOffset: batch.lastOffset(bytes) + 1 });
    log.watcher?.appended(bytes, baseOffset, log.endOffset);
    return { errorCode: Errors.NONE, firstOffset: baseOffset, endOffset: log.endOffset };
  }

  awaitCommitted(partition: number, endOffset: number, waiter: CommitWaiter): void {
    const log = this.log(partition);
    if (log.committed >= endOffset) return waiter.committed(Errors.NONE);
    log.waiting.push({ endOffset, waiter });
    const fault = this.failNext;
    if (fault !== undefined) {
      this.failNext = undefined;
      this.#clock.schedule(1, () => this.fail(partition, fault.errorCode));
    } else if (this.commitDelayMs !== undefined) {
      this.#clock.schedule(this.commitDelayMs(), () => this.commit(partition, endOffset));
    }
  }

  /** Everything up to `endOffset` is committed. */
  commit(partition: number, endOffset = this.log(partition).endOffset): void {
    const log = this.log(partition);
    log.committed = Math.max(log.committed, Math.min(endOffset, log.endOffset));
    const done = log.waiting.filter((one) => one.endOffset <= log.committed);
    log.waiting = log.waiting.filter((one) => one.endOffset > log.committed);
    for (const { waiter } of done) waiter.committed(Errors.NONE);
  }

  /** What is not committed is lost, and who waits is told. */
  fail(partition: number, errorCode: number): void {
    const log = this.log(partition);
    log.batches = log.batches.filter(({ endOffset }) => endOffset <= log.committed);
    const waiting = log.waiting;
    log.waiting = [];
    for (const { waiter } of waiting) waiter.committed(errorCode);
  }

  /** The process ends: of what was not committed, `kept` batches are found again, and nobody is told anything. */
  crash(kept: (uncommitted: number) => number): void {
    for (const log of this.logs.values()) {
      const safe = log.batches.filter(({ endOffset }) => endOffset <= log.committed).length;
      log.batches = log.batches.slice(0, safe + kept(log.batches.length - safe));
      log.committed = log.endOffset;
      log.waiting = [];
      log.watcher = undefined;
    }
  }
}
