// What becomes of one batch (Kafka's record filter in Cleaner.cleanInto and MemoryRecords.filterTo). It stays as it is, goes, is
// built anew with the records that stay, or stays without records: the last batch of an active producer keeps its sequences
// (a marker its epoch), and the last one of the pass the last offset.
import type { Int64 } from '../../protocol/index.ts';
import { addInt64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { type BatchContent, codecLoading, openBatch, openWalkedBatch } from './batch-content.ts';
import type { CleanedTransactions } from './cleaned-transactions.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import type { LastRecord } from './last-records.ts';
import { type CleaningWork, type LogToClean, RECORDS_PER_STEP } from './log-to-clean.ts';
import { keepsLegacyRecord } from './legacy-filter.ts';
import type { OffsetMap } from './offset-map.ts';

export interface FilterOptions {
  readonly log: LogToClean;
  readonly map: OffsetMap;
  readonly transactions: CleanedTransactions;
  readonly lastRecords: ReadonlyMap<Int64, LastRecord>;
  readonly stats: CleanerStats;
  readonly work: CleaningWork;
  readonly now: number;
  /** Where the part begins that was new to this pass. */
  readonly dirtyOffset: number;
  /** Where the part ends that may be cleaned. */
  readonly upperBoundOffset: number;
}

/** What stands in the place of a batch. */
export type Outcome = 'whole' | 'gone' | Buffer;

const FIRST_STARTS = 1024;

export class BatchFilter {
  /** Tombstones of formats 0 and 1 stay, in the segment that is read. */
  keepsLegacyTombstones = true;
  readonly #options: FilterOptions;
  #starts = new Int32Array(FIRST_STARTS);
  #kept = 0;
  #hasTombstone = false;

  constructor(options: FilterOptions) {
    this.#options = options;
  }

  /**
   * Judges the batch at `at`, whole in `bytes`. A promise only where it is large or its codec has to be loaded. Throws
   * CorruptRecordError, InvalidRecordError.
   */
  filter(bytes: Buffer, at: number): Outcome | Promise<Outcome> {
    if (batch.magic(bytes, at) < batch.MAGIC_V2) return this.#filterLegacy(bytes, at);
    if (batch.isControl(bytes, at)) return this.#filterControl(bytes, at);
    const { transactions, stats } = this.#options;
    const isAborted = transactions.dataRead(bytes, at);
    const count = batch.recordsCount(bytes, at);
    if (isAborted || count === 0) {
      const staysEmpty = this.#staysEmpty(bytes, at);
      if (staysEmpty || !isAborted) stats.messagesRead += count;
      return staysEmpty ? batch.buildEmptiedBatch(bytes, at) : 'gone';
    }
    const loading = codecLoading(bytes, at);
    return loading === undefined ? this.#filterData(bytes, at) : loading.then(() => this.#filterData(bytes, at));
  }

  #filterControl(bytes: Buffer, at: number): Outcome {
    const { transactions, stats, now } = this.#options;
    const isDone = transactions.controlRead(bytes, at);
    const horizon = batch.deleteHorizonMs(bytes, at);
    const isDiscarded = isDone && horizon !== undefined && horizon <= now;
    const count = batch.recordsCount(bytes, at);
    if (isDiscarded || count === 0) {
      const staysEmpty = this.#staysEmpty(bytes, at);
      if (staysEmpty || !isDiscarded) stats.messagesRead += count;
      return staysEmpty ? batch.buildEmptiedBatch(bytes, at) : 'gone';
    }
    stats.messagesRead += count;
    stats.messagesWritten += count;
    if (!isDone || horizon !== undefined) return 'whole';
    const content = openBatch(bytes, at);
    this.#beginKeeping(count);
    for (let i = 0; i < count; i++) this.#keepNext(content);
    return this.#rebuilt(bytes, at, content, this.#newHorizon());
  }

  #filterData(bytes: Buffer, at: number): Outcome | Promise<Outcome> {
    const baseOffset = batch.baseOffset(bytes, at);
    const content = this.#wasWalked(bytes, at, baseOffset) ? openWalkedBatch(bytes, at) : openBatch(bytes, at);
    this.#beginKeeping(content.count);
    if (content.count > RECORDS_PER_STEP) return this.#filterInSteps(bytes, at, content);
    this.#judgeSome(content, baseOffset, this.#keepsTombstones(bytes, at), content.count);
    return this.#outcomeOfData(bytes, at, content);
  }

  async #filterInSteps(bytes: Buffer, at: number, content: BatchContent): Promise<Outcome> {
    const baseOffset = batch.baseOffset(bytes, at);
    const keepsTombstones = this.#keepsTombstones(bytes, at);
    for (let left = content.count; left > 0; left -= RECORDS_PER_STEP) {
      this.#judgeSome(content, baseOffset, keepsTombstones, Math.min(left, RECORDS_PER_STEP));
      await this.#options.work.pause();
    }
    return this.#outcomeOfData(bytes, at, content);
  }

  /** The first half of the pass went over every record of the dirty part but those of transactions that were aborted. */
  #wasWalked(bytes: Uint8Array, at: number, baseOffset: number): boolean {
    const { dirtyOffset, map } = this.#options;
    return (
      baseOffset >= dirtyOffset && batch.lastOffset(bytes, at) <= map.latestOffset && !batch.isTransactional(bytes, at)
    );
  }

  #keepsTombstones(bytes: Uint8Array, at: number): boolean {
    const horizon = batch.deleteHorizonMs(bytes, at);
    return horizon === undefined || this.#options.now < horizon;
  }

  #judgeSome(content: BatchContent, baseOffset: number, keepsTombstones: boolean, count: number): void {
    const { map, stats } = this.#options;
    const { latestOffset } = map;
    const { cursor, view } = content;
    // Of a batch that was walked every record with a key is in the map.
    const latest = content.isChecked ? map.latest : undefined;
    for (let i = 0; i < count; i++) {
      const start = cursor.end;
      cursor.next();
      const offset = baseOffset + cursor.offsetDelta;
      const isTombstone = cursor.valueLength < 0;
      if (offset <= latestOffset) {
        if (cursor.keyLength < 0) stats.invalidMessagesRead++;
        if (cursor.keyLength < 0) continue;
        if (latest === undefined ? offset < map.get(view, cursor.keyAt, cursor.keyLength) : !latest.has(offset))
          continue;
        if (isTombstone && !keepsTombstones) continue;
      }
      this.#starts[this.#kept++] = start;
      if (isTombstone) this.#hasTombstone = true;
    }
  }

  #outcomeOfData(bytes: Buffer, at: number, content: BatchContent): Outcome {
    const { stats } = this.#options;
    const kept = this.#kept;
    stats.messagesRead += content.count;
    stats.messagesWritten += kept;
    if (kept === 0) return this.#staysEmpty(bytes, at) ? batch.buildEmptiedBatch(bytes, at) : 'gone';
    const horizon = batch.deleteHorizonMs(bytes, at);
    const needsHorizon = this.#hasTombstone && horizon === undefined;
    if (kept === content.count && !needsHorizon) return 'whole';
    return this.#rebuilt(bytes, at, content, needsHorizon ? this.#newHorizon() : horizon);
  }

  #beginKeeping(count: number): void {
    if (this.#starts.length < count) this.#starts = new Int32Array(count);
    this.#kept = 0;
    this.#hasTombstone = false;
  }

  #keepNext({ cursor }: BatchContent): void {
    this.#starts[this.#kept++] = cursor.end;
    cursor.next();
  }

  /** It gets a new checksum: the old one must be right. */
  #rebuilt(bytes: Buffer, at: number, content: BatchContent, deleteHorizonMs: Int64 | undefined): Buffer {
    if (!content.isChecked) batch.ensureBatchValid(bytes, at);
    const { opened } = content;
    return batch.buildRetainedBatch({ bytes, at, opened, starts: this.#starts, count: this.#kept, deleteHorizonMs });
  }

  #newHorizon(): Int64 {
    return addInt64(this.#options.now, this.#options.log.config.deleteRetentionMs);
  }

  /** The last batch of a producer that is not forgotten, and the last one of the part that may be cleaned. */
  #staysEmpty(bytes: Uint8Array, at: number): boolean {
    const { lastRecords, upperBoundOffset } = this.#options;
    const lastOffset = batch.lastOffset(bytes, at);
    if (lastOffset + 1 === upperBoundOffset) return true;
    const producerId = batch.producerId(bytes, at);
    if (producerId < 0) return false;
    const last = lastRecords.get(producerId);
    if (last === undefined) return false;
    if (last.lastOffset >= 0) return last.lastOffset === lastOffset;
    return batch.isControl(bytes, at) && last.producerEpoch === batch.producerEpoch(bytes, at);
  }

  #filterLegacy(bytes: Buffer, at: number): Outcome {
    const { map, stats, transactions } = this.#options;
    batch.ensureBatchValid(bytes, at);
    transactions.dataRead(batch.legacyHeader(bytes, at), 0);
    const rules = { map, keepsTombstones: this.keepsLegacyTombstones, stats };
    const records = batch.legacyRecordsOf(bytes, at);
    const kept = records.map((record) => keepsLegacyRecord(record, rules));
    const count = kept.filter((isKept) => isKept).length;
    stats.messagesRead += records.length;
    stats.messagesWritten += count;
    if (count === 0) return 'gone';
    return count === records.length ? 'whole' : batch.buildRetainedSet(bytes, at, kept);
  }
}
