// The writing side of one log: batches get their offsets, are taken into account (indexes, producers, epochs) and queued;
// when their write is over, the written end moves and waiters are called. A write that fails takes all of it back.
import { type ErrorCode, Errors, type Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import type { DiskError } from '../../runtime/index.ts';
import { type AppendInfo, type AppendOptions, appended, refusal } from '../validation/append-info.ts';
import { readEndTransactionMarker } from '../producers/end-transaction-marker.ts';
import type { LogState } from './log-state.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { mustRoll, roll } from './rolling.ts';
import type { Segment } from '../segments/segment.ts';
import { PendingWrite, type WriteOwner, WriteQueue } from './write-queue.ts';
import { type WriteWaiter, WriteWaiters } from './write-waiters.ts';

export class LogAppender implements WriteOwner {
  readonly #state: LogState;
  readonly #queue: WriteQueue;
  readonly #waiters = new WriteWaiters();
  readonly #onFlushDue: () => void;
  #unflushedMessages = 0;

  /** `onFlushDue`: a segment was left, or `flush.messages` are reached. */
  constructor(state: LogState, onFlushDue: () => void) {
    this.#state = state;
    this.#queue = new WriteQueue(state.environment.scheduler, this);
    this.#onFlushDue = onFlushDue;
  }

  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  addWaiter(offset: number, waiter: WriteWaiter): void {
    if (offset <= this.#state.writtenEndOffset) waiter.written(Errors.NONE);
    else this.#waiters.add(offset, waiter);
  }

  /** Resolves when what is queued now has been written, or has failed. */
  drained(): Promise<void> {
    if (this.#queue.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.addWaiter(this.#state.logEndOffset, { written: () => resolve() }));
  }

  /** Appends are gathered from now on, and nothing is written. Resolves when the write under way is over. */
  pause(): Promise<void> {
    return this.#queue.pause();
  }
  resume(): void {
    this.#queue.resume();
  }

  /**
   * While paused: the batches that were gathered, for another log to write. Who waits for them here is let go at the end of
   * the turn, when that log has them.
   */
  takeGathered(): Buffer[] {
    const state = this.#state;
    state.environment.clock.endOfTurn(() => this.#waiters.complete(state.logEndOffset));
    return this.#queue.takeGathered() as Buffer[];
  }

  /** Numbers and queues a batch that has passed validation. */
  appendBatch(records: Buffer, options: AppendOptions, logAppendTimeMs: number): AppendInfo {
    const state = this.#state;
    const { logStartOffset } = state;
    if (batch.producerId(records) >= 0) {
      const answer = this.#judgeProducer(records, options);
      if (answer !== undefined) return answer;
    }
    const firstOffset = state.logEndOffset;
    batch.setBaseOffset(records, firstOffset);
    batch.setLeaderEpoch(records, options.leaderEpoch);
    this.queueBatch(records, options.now);
    const lastOffset = state.logEndOffset - 1;
    return appended({
      firstOffset,
      lastOffset,
      logAppendTimeMs,
      logStartOffset,
      isDuplicate: false,
      bytes: records.length,
    });
  }

  /**
   * Queues a batch that has its offsets and epoch, which go on where the log ends. `header`: of a message of format 0 or 1, in
   * the layout of format 2.
   */
  queueBatch(records: Buffer, now: number, header = records): void {
    const state = this.#state;
    const lastOffset = batch.lastOffset(header);
    const maxTimestamp = batch.maxTimestamp(header);
    if (mustRoll(state, records.length, maxTimestamp, lastOffset, now)) {
      roll(state);
      this.#onFlushDue();
    }
    // What may have to be read from the disk comes first: behind it nothing fails.
    const epoch = batch.partitionLeaderEpoch(header);
    if (epoch !== state.assignedEpoch && epoch >= 0) this.#noteEpoch(epoch, batch.baseOffset(header));
    const producers = batch.producerId(header) >= 0 ? state.producers : undefined;
    const segment = state.segments.active;
    segment.prepareForBatch();
    const write = this.#gathering(segment);
    segment.noteBatch(records.length, lastOffset, maxTimestamp, state.config.indexIntervalBytes);
    if (producers !== undefined) this.#noteProducer(producers, records, segment, write);
    write.buffers.push(records);
    write.sizeBytes += records.length;
    write.endOffset = lastOffset + 1;
    this.#unflushedMessages += lastOffset + 1 - state.logEndOffset;
    state.offsets.assigned(lastOffset + 1);
  }

  prepareWrite(segment: Segment): void {
    const state = this.#state;
    const isFsync = state.environment.durability === 'fsync';
    if (!segment.hasFile) {
      if (!state.hasMetadata) state.writeMetadata(isFsync);
      state.makeEmptyFile(segment);
    }
    if (isFsync) state.syncDirectories();
  }

  writeFinished(write: PendingWrite): void {
    const state = this.#state;
    state.offsets.written(write.endOffset);
    this.#saveIndexes(write.segment);
    this.#waiters.complete(write.endOffset);
    if (this.#unflushedMessages >= state.config.flushMessages) {
      this.#unflushedMessages = 0;
      this.#onFlushDue();
    }
  }

  /** Back to what the log was before the first of `writes`; whoever waits is told. */
  writesFailed(writes: readonly PendingWrite[], error: DiskError): void {
    const state = this.#state;
    const first = writes[0] as PendingWrite;
    const { endOffset } = first.mark;
    for (let i = writes.length - 1; i >= 0; i--) {
      const write = writes[i] as PendingWrite;
      if (write.producersBefore !== undefined) state.producers.undo(write.producersBefore, write.mark.endOffset);
      this.#attempt('restore the indexes', () => write.segment.restore(write.mark));
    }
    const { segments } = state;
    for (const segment of segments.removeBehind(segments.floorIndex(first.segment.baseOffset))) {
      this.#attempt('remove a segment', () => segment.remove());
    }
    state.offsets.takenBack(endOffset);
    state.assignedEpoch = -1;
    this.#attempt('restore the epochs', () => state.epochs.truncateFromEnd(endOffset));
    this.#attempt('remove a snapshot', () => state.snapshots.removeAbove(endOffset));
    // The files of a log that was deleted are gone: that is no failure of the disk.
    if (!state.isClosed) {
      state.environment.logger.log('error', 'a write failed; its records were refused', {
        partition: state.name,
        error: error.message,
        logEndOffset: endOffset,
      });
      state.environment.diskFailed(state.directory, error);
    }
    this.#waiters.fail(Errors.KAFKA_STORAGE_ERROR);
  }

  /** An answer when the batch is not to be appended: a retry of one that is, or out of turn. */
  #judgeProducer(records: Buffer, options: AppendOptions): AppendInfo | undefined {
    const { producers, logStartOffset } = this.#state;
    if (options.origin !== 'client') {
      const code = this.#checkCoordinated(records, options);
      return code === Errors.NONE ? undefined : refusal(code, logStartOffset);
    }
    const duplicate = producers.duplicateOf(records, 0);
    if (duplicate >= 0) return this.#duplicateAnswer(batch.producerId(records), duplicate);
    const inTransaction = batch.isTransactional(records) ? this.#checkTransaction(records, options) : Errors.NONE;
    const code: ErrorCode = inTransaction === Errors.NONE ? producers.checkDataBatch(records, 0) : inTransaction;
    return code === Errors.NONE ? undefined : refusal(code, logStartOffset);
  }

  /** Markers, and batches of coordinators, which stand in no sequence. */
  #checkCoordinated(records: Buffer, options: AppendOptions): ErrorCode {
    const { producers } = this.#state;
    const marker = readEndTransactionMarker(records, 0, records.length);
    if (marker !== undefined) return producers.checkMarker(records, 0, marker, options.transactionVersion ?? 0);
    if (options.origin !== 'coordinator' || !batch.isTransactional(records) || batch.isControl(records)) {
      return producers.checkProducerEpoch(records, 0);
    }
    return this.#checkTransaction(records, options);
  }

  #checkTransaction(records: Buffer, { guard }: AppendOptions): ErrorCode {
    const { producers, environment } = this.#state;
    const isVerified = environment.config.transactionPartitionVerificationEnable;
    return producers.checkTransaction(batch.producerId(records), batch.producerEpoch(records), guard, isVerified);
  }

  #duplicateAnswer(producerId: Int64, index: number): AppendInfo | undefined {
    const { producers, logStartOffset } = this.#state;
    const entry = producers.entries.get(producerId);
    if (entry === undefined) return undefined;
    return appended({
      firstOffset: entry.batchFirstOffset(index),
      lastOffset: entry.batchLastOffset(index),
      logAppendTimeMs: entry.batchTimestamp(index),
      logStartOffset,
      isDuplicate: true,
      bytes: 0,
    });
  }

  #gathering(segment: Segment): PendingWrite {
    const gathering = this.#queue.gathering(segment);
    if (gathering !== undefined) return gathering;
    const { logEndOffset } = this.#state;
    const write = new PendingWrite(segment, logEndOffset, segment.mark(logEndOffset));
    this.#queue.begin(write);
    return write;
  }

  /** Once per epoch and log. The file is read before: what is known of earlier epochs is written again with this one. */
  #noteEpoch(epoch: number, offset: number): void {
    const { epochs } = this.#state;
    epochs.read();
    epochs.assign(epoch, offset);
    this.#state.assignedEpoch = epoch;
  }

  #noteProducer(producers: ProducerState, records: Buffer, segment: Segment, write: PendingWrite): void {
    producers.changes = write.producersBefore ??= new Map();
    const completed = producers.apply(records, 0, records.length);
    producers.changes = undefined;
    if (completed === undefined) return;
    if (completed.isAborted) {
      const { producerId, firstOffset, lastOffset } = completed;
      const lastStableOffset = producers.lastStableOffset(completed);
      segment.transactionIndex.append({ producerId, firstOffset, lastOffset, lastStableOffset });
    }
    producers.complete(completed);
  }

  /** Entries that cannot be saved stay in memory and are saved later. */
  #saveIndexes(segment: Segment): void {
    if (segment.hasLargeIndexes) this.#attempt('save the indexes', () => segment.saveIndexes());
  }

  /** For what may fail on a failing disk without harm: it is tried again later, or recovery does it. */
  #attempt(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#state.environment.logger.log('warn', `could not ${what}`, {
        partition: this.#state.name,
        error: String(error),
      });
    }
  }
}
