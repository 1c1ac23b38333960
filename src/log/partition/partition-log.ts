// One partition's log: what the rest of the broker sees of it (Kafka's UnifiedLog). An append is validated, gets its
// offsets and is queued in one synchronous run; it is over when its waiter is told. Readers see what is written.
import { Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import { DiskError } from '../../runtime/index.ts';
import { type AppendInfo, type AppendOptions, refusal } from '../validation/append-info.ts';
import { type AppendRules, appendRules } from '../validation/append-rules.ts';
import { checkProduceRequest, codecNeededToAppend, validateAppend } from '../validation/append-validation.ts';
import type { AppendVerdict } from '../validation/append-verdict.ts';
import { closeFiles, completeFiles, flushWritten, type IsOver, NEVER_OVER } from './flushing.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import { appendFromLeader, type FollowerAppendOptions } from './follower-append.ts';
import type { EpochEnd } from '../segments/leader-epochs.ts';
import { LogAppender } from './log-appender.ts';
import { LogCompaction } from './log-compaction.ts';
import { emptySlice, type LogSlice } from './log-slice.ts';
import type { LogState } from './log-state.ts';
import { LogTransactions } from './log-transactions.ts';
import { abortedIn, locateIn } from './reading.ts';
import { type ProducerRow, producerRow } from '../producers/producer-row.ts';
import { takeExpired } from './retention.ts';
import type { Segment } from '../segments/segment.ts';
import { findByTimestamp, findMaxTimestamp, type TimestampAndOffset } from './timestamp-lookup.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';
import { startAt, truncate } from './truncation.ts';
import type { WriteWaiter } from './write-waiters.ts';

export class PartitionLog {
  readonly #state: LogState;
  readonly #appender: LogAppender;
  #rules: AppendRules;
  readonly transactions: LogTransactions;
  /** The flush under way, and whether another was asked for meanwhile. */
  #flushing: Promise<void> | undefined = undefined;

  constructor(state: LogState) {
    this.#state = state;
    this.#rules = appendRules(state.name, state.config);
    this.#appender = new LogAppender(state, () => this.#flushInBackground());
    this.transactions = new LogTransactions(state);
  }

  get topic(): string {
    return this.#state.topic;
  }
  get partition(): number {
    return this.#state.partition;
  }
  /** undefined when `partition.metadata` was lost in a crash; the log is empty then, or from before topic ids. */
  get topicId(): string | undefined {
    return this.#state.topicId;
  }
  get directory(): string {
    return this.#state.directory;
  }
  get config(): TopicLogConfig {
    return this.#state.config;
  }
  get logStartOffset(): number {
    return this.#state.logStartOffset;
  }
  /** The offset of the next record. Records below it may still be on their way to the file. */
  get logEndOffset(): number {
    return this.#state.logEndOffset;
  }
  /** Everything below is in the file (page-cache) or flushed (fsync). */
  get writtenEndOffset(): number {
    return this.#state.writtenEndOffset;
  }
  get highWatermark(): number {
    return this.#state.highWatermark;
  }
  /** Everything below is flushed. */
  get recoveryPoint(): number {
    return this.#state.recoveryPoint;
  }
  get latestEpoch(): number {
    return this.#state.epochs.latestEpoch;
  }
  get sizeBytes(): number {
    return this.#state.segments.sizeBytes;
  }
  get segmentCount(): number {
    return this.#state.segments.count;
  }
  /** The first offset of the oldest segment: records from here on are still in the files. */
  get firstSegmentOffset(): number {
    return this.#state.segments.first.baseOffset;
  }
  /** A flush failed since the log was opened: what is behind the recovery point must be read through at the next start. */
  get hasFlushFailed(): boolean {
    return this.#state.hasFlushFailed;
  }
  get lastFlushMs(): number {
    return this.#state.lastFlushMs;
  }

  /** The first offset that a read-committed consumer may not see. Throws DiskError when the producer state cannot be read. */
  get lastStableOffset(): number {
    const state = this.#state;
    const unstable = state.producers.firstUnstableOffset;
    return unstable >= 0 && unstable < state.highWatermark
      ? Math.max(unstable, state.logStartOffset)
      : state.highWatermark;
  }

  updateConfig(config: TopicLogConfig): void {
    this.#state.config = config;
    this.#rules = appendRules(this.#state.name, config);
  }

  /** Moves up only, and not beyond what is written. */
  updateHighWatermark(offset: number): void {
    const state = this.#state;
    const bounded = Math.min(offset, state.writtenEndOffset);
    if (bounded <= state.highWatermark) return;
    state.offsets.committed(bounded);
    if (state.hasProducers) state.producers.removeReplicated(bounded);
  }

  /** This replica leads from now on. Its epoch begins where the log ends. */
  becomeLeader(epoch: number): void {
    this.#state.epochs.assign(epoch, this.#state.logEndOffset);
  }

  /** Calls `waiter` once: when everything below `offset` is written, or when a write fails. */
  onWritten(offset: number, waiter: WriteWaiter): void {
    this.#appender.addWaiter(offset, waiter);
  }

  /**
   * From the batch with `fetchOffset` on, at most `maxBytes`, nothing at or above `upTo`; the last batch may be cut short,
   * the first is whole with `minOneBatch`. Throws KafkaError OFFSET_OUT_OF_RANGE, or CORRUPT_MESSAGE when what is asked for
   * cannot be read; DiskError.
   */
  read(fetchOffset: number, maxBytes: number, options: { upTo: number; minOneBatch: boolean }): LogSlice {
    const state = this.#state;
    if (state.isClosed) throw new KafkaError(Errors.NOT_LEADER_OR_FOLLOWER);
    if (fetchOffset < state.logStartOffset || fetchOffset > state.logEndOffset)
      throw new KafkaError(Errors.OFFSET_OUT_OF_RANGE);
    const upTo = Math.min(options.upTo, state.writtenEndOffset);
    if (fetchOffset >= upTo) return emptySlice(fetchOffset);
    try {
      return locateIn(state, { fetchOffset, maxBytes, upTo, minOneBatch: options.minOneBatch });
    } catch (error) {
      if (error instanceof DamagedLogError) state.tellDamage(error);
      throw error;
    }
  }

  /** The aborted transactions that have records in [fetchOffset, upTo). Throws DiskError. */
  abortedTransactions(fetchOffset: number, upTo: number): AbortedTransaction[] {
    return abortedIn(this.#state.segments, fetchOffset, upTo);
  }

  /** Rejects with KafkaError CORRUPT_MESSAGE when records that could be the answer cannot be read; DiskError. */
  offsetForTimestamp(timestamp: Int64): Promise<TimestampAndOffset | undefined> {
    return this.#telling(findByTimestamp(this.#state, timestamp));
  }

  /** Rejects as `offsetForTimestamp`. */
  maxTimestampOffset(): Promise<TimestampAndOffset | undefined> {
    return this.#telling(findMaxTimestamp(this.#state));
  }

  async #telling<T>(lookup: Promise<T>): Promise<T> {
    try {
      return await lookup;
    } catch (error) {
      if (error instanceof DamagedLogError) this.#state.tellDamage(error);
      throw error;
    }
  }

  /** (-1, -1) for an epoch above the latest. */
  endOffsetForEpoch(epoch: number): EpochEnd {
    return this.#state.epochs.endOffsetFor(epoch, this.#state.logEndOffset);
  }

  /** The epoch of the record at `offset`, -1 when unknown. */
  epochOf(offset: number): number {
    return this.#state.epochs.epochOf(offset);
  }

  producers(): ProducerRow[] {
    return Array.from(this.#state.producers.entries.values(), producerRow);
  }

  removeExpiredProducers(now: number): void {
    const state = this.#state;
    if (state.hasProducers) state.producers.removeExpired(now, state.environment.config.producerIdExpirationMs);
  }

  /**
   * Judges the one batch in `records`, numbers and queues it; the buffer belongs to the log until the batch is written.
   * Expected failures are told in the answer.
   */
  append(records: Buffer, options: AppendOptions): AppendInfo {
    const state = this.#state;
    if (state.isClosed) return refusal(Errors.NOT_LEADER_OR_FOLLOWER, -1);
    const verdict = validateAppend(records, this.#rules, options, state.logEndOffset);
    if (verdict.errorCode !== Errors.NONE) return this.#refusalOf(verdict);
    const batchBytes = verdict.records;
    if (batchBytes.length > state.config.segmentBytes)
      return refusal(Errors.RECORD_LIST_TOO_LARGE, state.logStartOffset);
    try {
      return this.#appender.appendBatch(batchBytes, options, this.#rules.isLogAppendTime ? options.now : -1);
    } catch (error) {
      return this.#storageFailure(error);
    }
  }

  /** What is wrong with `records` as part of a request, whatever this log would make of them; undefined: nothing. */
  requestFault(records: Buffer, apiVersion: number): AppendInfo | undefined {
    const verdict = checkProduceRequest(records, apiVersion);
    return verdict === undefined ? undefined : this.#refusalOf(verdict);
  }

  /** The codec that must be loaded (`loadCodec`) before `append` can do its work on `records`; 0: none. */
  needsCodec(records: Buffer, validation = this.#state.config.produceValidation): number {
    return codecNeededToAppend(records, this.#rules, validation);
  }

  /** Appends batches that have their offsets: those of the leader. They must go on where this log ends. */
  appendAsFollower(records: Buffer, options: FollowerAppendOptions): AppendInfo {
    if (this.#state.isClosed) return refusal(Errors.NOT_LEADER_OR_FOLLOWER, -1);
    return appendFromLeader(this.#state, this.#appender, records, options);
  }

  /**
   * Records below `offset` are no longer served; segments that lie wholly below go with the next retention check.
   * The new log start offset. Throws KafkaError OFFSET_OUT_OF_RANGE above the high watermark.
   */
  deleteRecordsBefore(offset: number): number {
    const state = this.#state;
    if (offset < 0 || offset > state.highWatermark) throw new KafkaError(Errors.OFFSET_OUT_OF_RANGE);
    if (offset <= state.logStartOffset) return state.logStartOffset;
    state.offsets.startsAt(offset);
    state.epochs.truncateFromStart(offset);
    if (state.hasProducers) state.producers.removeReplicated(offset);
    return offset;
  }

  /** Takes out the segments that retention no longer wants; the caller removes their files later. Throws DiskError. */
  takeExpiredSegments(now: number): Segment[] {
    return this.#state.isClosed ? [] : takeExpired(this.#state, now);
  }

  /** For one pass of the cleaner. `flushed`: writes down the recovery point. */
  compaction(flushed: () => void): LogCompaction {
    return new LogCompaction(this.#state, this, flushed);
  }

  /** The lowest offset that the log was cut at since this was last asked. */
  takeLowestCut(): number {
    const { lowestCut } = this.#state;
    this.#state.lowestCut = Number.MAX_SAFE_INTEGER;
    return lowestCut;
  }

  /** Whether all that was appended is written, so that the log can be cut at once. */
  get isIdle(): boolean {
    return this.#appender.isIdle;
  }

  /** As `truncateTo`, at once: while the log is idle. Throws DiskError. */
  cutTo(offset: number): void {
    truncate(this.#state, offset);
  }

  /** As `truncateFullyAndStartAt`, at once: while the log is idle. Throws DiskError. */
  restartAt(offset: number): void {
    startAt(this.#state, offset);
  }

  /** Drops everything at `offset` and above. Rejects with DiskError. */
  async truncateTo(offset: number): Promise<void> {
    await this.#appender.drained();
    truncate(this.#state, offset);
  }

  /** Drops all records; the next one gets `offset`. Rejects with DiskError. */
  async truncateFullyAndStartAt(offset: number): Promise<void> {
    await this.#appender.drained();
    startAt(this.#state, offset);
  }

  /** Everything appended when this is called is on stable storage when it resolves. Rejects with DiskError. */
  flush(): Promise<void> {
    return this.#flush(NEVER_OVER);
  }

  async #flush(isOver: IsOver): Promise<void> {
    await this.#appender.drained();
    // One after the other: each flushes what was written when its turn came.
    const before = this.#flushing;
    const flush = (): Promise<void> => flushWritten(this.#state, isOver);
    const flushing = before === undefined ? flush() : before.then(flush);
    const settled = flushing.catch(() => undefined);
    this.#flushing = settled;
    try {
      await flushing;
    } finally {
      if (this.#flushing === settled) this.#flushing = undefined;
    }
  }

  /**
   * Nothing is written from now until `resumeWrites` or `handOver`; appends are taken and wait. Resolves when the write
   * under way is over: then everything before `writtenEndOffset` is in the file, and nothing else.
   */
  pauseWrites(): Promise<void> {
    return this.#appender.pause();
  }
  resumeWrites(): void {
    this.#appender.resume();
  }

  /** Makes the log outlive a power failure, an empty one too. Throws DiskError. */
  makeDurable(): void {
    this.#state.syncDirectories();
  }

  /** The partition's directory has been renamed. */
  moveTo(directory: string): void {
    this.#state.moveTo(directory);
  }

  /**
   * Another log takes the place of this one, whose directory has been renamed to `directory` and will be removed. Readers that are
   * at it read on. Called while writes are paused; returns what was appended and not written.
   */
  handOver(directory: string): Buffer[] {
    const gathered = this.#appender.takeGathered();
    this.#state.isClosed = true;
    for (const segment of this.#state.segments) {
      segment.isDeleted = true;
      segment.log.mode = 'read';
    }
    this.#state.moveTo(directory);
    return gathered;
  }

  /** A read of this log failed: its log directory may have. */
  diskFailed(error: DiskError): void {
    if (!this.#state.isClosed) this.#state.environment.diskFailed(this.#state.directory, error);
  }

  /**
   * Waits for writes and leaves the files as after a clean shutdown: on stable storage, and the recovery point at the end.
   * Once `isOver` says that there is no time for that, the files stay as they are, and the next start reads through what is
   * behind the recovery point: it makes indexes and producers anew, so that to write them now would serve nobody. A log
   * that nobody has written to has nothing to keep: should a power failure take its directory, it is made again. Rejects with
   * DiskError.
   */
  async close(isOver = NEVER_OVER): Promise<void> {
    const state = this.#state;
    await this.#appender.drained();
    if (state.isClosed) return;
    if (isOver()) {
      state.snapshotFirstProducers();
    } else if (!state.isUnused) {
      completeFiles(state);
      await this.#flush(isOver);
    }
    closeFiles(state);
  }

  /** Stops using the files, which are about to go: the partition has been deleted. */
  abandon(): void {
    this.#state.isClosed = true;
    for (const segment of this.#state.segments) {
      segment.isDeleted = true;
      segment.closeFiles();
    }
  }

  /** The disk refused something that an append has to read first. Anything but a DiskError is thrown on. */
  #storageFailure(error: unknown): AppendInfo {
    if (!(error instanceof DiskError)) throw error;
    const { logger } = this.#state.environment;
    logger.log('error', 'an append could not read its log', { partition: this.#state.name, error: error.message });
    this.diskFailed(error);
    return refusal(Errors.KAFKA_STORAGE_ERROR, -1);
  }

  #refusalOf(verdict: AppendVerdict): AppendInfo {
    const logStartOffset = verdict.carriesLogStartOffset ? this.#state.logStartOffset : -1;
    return refusal(verdict.errorCode, logStartOffset, verdict.errorMessage, verdict.recordErrors, verdict.reason);
  }

  #flushInBackground(): void {
    this.flush().catch((error: unknown) => {
      const { logger } = this.#state.environment;
      logger.log('warn', 'a log could not be flushed', { partition: this.#state.name, error: String(error) });
    });
  }
}
