// One segment of a log: `<base offset>.log` with its indexes. It knows how many bytes are assigned (validated and queued)
// and how many are in the file; readers see only the latter. Writing is the write queue's business (Kafka's LogSegment).
import type { Int64 } from '../../protocol/index.ts';
import { runAtOnce } from '../sliced-work.ts';
import * as batch from '../../protocol/records/index.ts';
import { BatchCursor } from './batch-cursor.ts';
import { CachedFile } from './file-cache.ts';
import { changeSuffixes, removeFiles } from './file-suffixes.ts';
import { DELETED_SUFFIX, LOG_SUFFIX, offsetName } from './log-names.ts';
import { type RebuiltIndexes, rebuildIndexes } from './index-rebuild.ts';
import { OFFSET_INDEX_ENTRY, type OffsetIndex } from './offset-index.ts';
import {
  HOLES_ANYWHERE,
  isIndexEntry,
  isLargestTimestamp,
  isTimeEntry,
  readEnd,
  seekBatch,
  type SegmentEnd,
} from './segment-search.ts';
import { HAS_LOG, HAS_TIME_INDEX, type SegmentFiles, type SegmentMark } from './segment-files.ts';
import { SegmentIndexes } from './segment-indexes.ts';
import { isUnknown, TIME_INDEX_ENTRY, type TimeIndex } from './time-index.ts';
import type { TransactionIndex } from './transaction-index.ts';

/** Indexes have 32 bits for what an offset is more than that of its segment. */
export const LARGEST_RELATIVE_OFFSET = 0x7fff_ffff;

export class Segment {
  readonly baseOffset: number;
  /** Where the next segment begins; of the last one, without bound. */
  nextBaseOffset = Number.MAX_SAFE_INTEGER;
  readonly log: CachedFile;
  readonly createdMs: number;
  /** Bytes assigned: written or queued. */
  sizeBytes = 0;
  /** Bytes in the file, as durable as promised; reads end here. */
  writtenBytes = 0;
  /** Bytes were written, or cut off, since the file was last flushed. */
  isUnsynced = false;
  /** Flushes that failed: the kernel reports a page that it could not write once, to whoever flushes next. */
  failedSyncs = 0;
  /** How many bytes all logs had written when this file was last written: `locate` tells by it what is still in the page cache. */
  writtenAt = 0;
  /** Where the last write began: what a waiting consumer asks for next. */
  lastWriteOffset = -1;
  lastWritePosition = 0;
  /** In [0, 1): which part of the jitter is taken off this segment's age limit; -1 before it is drawn. */
  rollJitter = -1;
  /** The .log file has been made. */
  hasFile: boolean;
  isDeleted = false;
  /** The position of something that is no batch, found as the indexes were built anew; -1: none has been found. */
  damagedAt = -1;
  /** The batches that begin in this part of the file have been seen to follow on each other. */
  #walkedFrom = 0;
  #walkedTo = 0;
  /** Once is enough: what is wrong with indexes that have just been built is wrong with the log. */
  #hasRebuilt = false;
  #end: SegmentEnd | undefined;
  readonly #shared: SegmentFiles;
  readonly #indexes: SegmentIndexes;
  #bytesSinceIndexEntry = 0;
  /** NaN: it has to be read from the time index. */
  #maxTimestamp: Int64;
  #offsetOfMaxTimestamp: number;
  /** The first batch's; NaN: it has to be read; -1: there is no batch yet. */
  #firstTimestamp: Int64;

  /** `suffix`: behind the names of the files, while the cleaner makes them. */
  constructor(
    shared: SegmentFiles,
    options: { directory: string; baseOffset: number; existing: number; createdMs: number; suffix?: string },
  ) {
    this.#shared = shared;
    this.#indexes = new SegmentIndexes(shared, options);
    this.baseOffset = options.baseOffset;
    this.createdMs = options.createdMs;
    this.hasFile = (options.existing & HAS_LOG) !== 0;
    const name = `${offsetName(options.baseOffset)}${LOG_SUFFIX}${options.suffix ?? ''}`;
    this.log = new CachedFile(shared.files, `${options.directory}/${name}`);
    const isEmpty = !this.hasFile;
    this.#maxTimestamp = isEmpty ? batch.NO_TIMESTAMP : Number.NaN;
    this.#offsetOfMaxTimestamp = options.baseOffset;
    this.#firstTimestamp = isEmpty ? batch.NO_TIMESTAMP : Number.NaN;
  }

  /** Whether the files (HAS_… bits) stood in the directory when the segment was opened. */
  has(bits: number): boolean {
    return this.#indexes.has(bits);
  }

  get offsetIndex(): OffsetIndex {
    return this.#indexes.offsets;
  }
  get timeIndex(): TimeIndex {
    return this.#indexes.times;
  }
  get transactionIndex(): TransactionIndex {
    return this.#indexes.transactions;
  }
  /** False: no aborted transaction ended here, and there is no file to look into. */
  get mayHaveAborted(): boolean {
    return this.#indexes.mayHaveAborted;
  }

  /** The largest timestamp of the batches here, -1 when there are none. Throws DiskError. */
  get maxTimestamp(): Int64 {
    if (isUnknown(this.#maxTimestamp)) {
      const { cursor, note } = this.#shared;
      if (this.#mayRebuild && !isLargestTimestamp(this, cursor, note)) {
        this.#takeTimestamp(this.#rebuildAtOnce());
      } else {
        this.#maxTimestamp = this.timeIndex.lastTimestamp;
        this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset;
      }
    }
    return this.#maxTimestamp;
  }

  /** The last offset of the batch that has the largest timestamp. */
  get offsetOfMaxTimestamp(): number {
    // Asked for first: it reads both from the index.
    return this.maxTimestamp === batch.NO_TIMESTAMP ? this.baseOffset : this.#offsetOfMaxTimestamp;
  }

  /** The largest timestamp, or when records have none, the time of the last write. For retention. */
  get ageTimestamp(): Int64 {
    // The latest records may be those that cannot be read.
    const { maxTimestamp } = this;
    if (maxTimestamp < 0 || (this.damagedAt >= 0 && this.modifiedMs > maxTimestamp)) return this.modifiedMs;
    return maxTimestamp;
  }

  /** As the time index has it, without a look into the log: enough to keep a segment, not to delete one. */
  get claimedTimestamp(): Int64 {
    return isUnknown(this.#maxTimestamp) ? this.timeIndex.lastTimestamp : this.#maxTimestamp;
  }

  /** When the file was last written to; 0 without a file. */
  get modifiedMs(): number {
    return this.#shared.disk.infoSync(this.log.path)?.modifiedMs ?? 0;
  }

  /** The timestamp of the first batch, -1 without one. A segment is rolled when a record is too far from it. */
  get firstTimestamp(): Int64 {
    if (isUnknown(this.#firstTimestamp)) {
      const cursor = this.#shared.cursor.start(this.log, 0, this.writtenBytes);
      this.#firstTimestamp = cursor.next() ? batch.maxTimestamp(cursor.bytes, cursor.at) : batch.NO_TIMESTAMP;
    }
    return this.#firstTimestamp;
  }

  /** Whether offsets of `lastOffset` can be told relative to the base. */
  canHold(lastOffset: number): boolean {
    return lastOffset - this.baseOffset <= LARGEST_RELATIVE_OFFSET;
  }

  isIndexFull(maxIndexBytes: number): boolean {
    const offsets = Math.floor(maxIndexBytes / OFFSET_INDEX_ENTRY);
    const times = Math.floor(maxIndexBytes / TIME_INDEX_ENTRY);
    return this.offsetIndex.count >= offsets || this.timeIndex.count >= times - 1;
  }

  mark(endOffset: number): SegmentMark {
    return {
      sizeBytes: this.sizeBytes,
      endOffset,
      bytesSinceIndexEntry: this.#bytesSinceIndexEntry,
      maxTimestamp: this.#maxTimestamp,
      offsetOfMaxTimestamp: this.#offsetOfMaxTimestamp,
      firstTimestamp: this.#firstTimestamp,
    };
  }

  /** Reads what `noteBatch` needs from files, so that it cannot fail. Throws DiskError. */
  prepareForBatch(): void {
    if (isUnknown(this.#maxTimestamp)) this.#maxTimestamp = this.maxTimestamp;
    if (this.mayHaveAborted) this.transactionIndex.prepare();
    this.offsetIndex.prepare();
  }

  /** Takes a batch into account that is about to be queued. */
  noteBatch(sizeBytes: number, lastOffset: number, maxTimestamp: Int64, indexIntervalBytes: number): void {
    if (this.sizeBytes === 0) this.#firstTimestamp = maxTimestamp;
    if (maxTimestamp > this.maxTimestamp) {
      this.#maxTimestamp = maxTimestamp;
      this.#offsetOfMaxTimestamp = lastOffset;
    }
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, this.sizeBytes);
      this.timeIndex.append(this.#maxTimestamp, this.#offsetOfMaxTimestamp);
      this.#bytesSinceIndexEntry = 0;
    }
    this.sizeBytes += sizeBytes;
    this.#bytesSinceIndexEntry += sizeBytes;
  }

  /** Back to `mark`: in memory, and in the index files if entries got there. Throws DiskError. */
  restore(mark: SegmentMark): void {
    this.sizeBytes = mark.sizeBytes;
    this.#bytesSinceIndexEntry = mark.bytesSinceIndexEntry;
    this.#maxTimestamp = mark.maxTimestamp;
    this.#offsetOfMaxTimestamp = mark.offsetOfMaxTimestamp;
    this.#firstTimestamp = mark.firstTimestamp;
    this.lastWriteOffset = -1;
    this.#indexes.restore(mark.sizeBytes, mark.endOffset);
  }

  /** Cuts the file at `position`, where the batch with `offset` begins. Throws DiskError. */
  truncateTo(position: number, offset: number): void {
    this.log.open().truncateSync(position);
    this.isUnsynced = true;
    this.sizeBytes = position;
    this.writtenBytes = position;
    this.#end = undefined;
    this.#walkedTo = 0;
    this.#hasRebuilt = false;
    this.lastWriteOffset = -1;
    this.offsetIndex.truncateToPosition(position);
    this.timeIndex.truncateToOffset(offset);
    if (this.mayHaveAborted) this.transactionIndex.truncateToOffset(offset);
    this.#maxTimestamp = Number.NaN;
    this.#firstTimestamp = position === 0 ? batch.NO_TIMESTAMP : this.#firstTimestamp;
  }

  /** The time index ends with the largest timestamp when the segment is left or closed. */
  noteLargestTimestamp(): void {
    if (this.sizeBytes > 0) this.timeIndex.append(this.maxTimestamp, this.offsetOfMaxTimestamp);
  }

  /** Index entries in memory are appended to their files. */
  saveIndexes(): void {
    this.#indexes.save();
  }

  /** Whether the index entries in memory are worth a write. */
  get hasLargeIndexes(): boolean {
    return this.#indexes.areLarge;
  }

  /** Flushes the log file, if there is anything to flush. Rejects with DiskError. */
  async syncLog(): Promise<void> {
    if (!this.isUnsynced) return;
    const file = this.log.pin();
    this.isUnsynced = false;
    try {
      await file.sync();
    } catch (error) {
      this.isUnsynced = true;
      this.failedSyncs++;
      throw error;
    } finally {
      this.log.unpin();
    }
  }

  /** True when an index file has been made: the directory must be flushed. Rejects with DiskError. */
  syncIndexes(): Promise<boolean> {
    return this.#indexes.sync();
  }

  /** Empties the indexes, for recovery. Throws DiskError. */
  resetIndexes(): void {
    this.#indexes.reset();
    this.sizeBytes = 0;
    this.#end = undefined;
    this.#bytesSinceIndexEntry = 0;
    this.#maxTimestamp = batch.NO_TIMESTAMP;
    this.#offsetOfMaxTimestamp = this.baseOffset;
    this.#firstTimestamp = batch.NO_TIMESTAMP;
  }

  /**
   * Goes to the first batch that ends at `offset` or later, among those written: the shared cursor stands on it. undefined when
   * there is none. `holesBelow`: where compaction may have taken offsets. Throws DamagedLogError, DiskError.
   */
  seek(offset: number, holesBelow = HOLES_ANYWHERE): BatchCursor | undefined {
    const { cursor, note } = this.#shared;
    if (offset === this.lastWriteOffset) {
      cursor.start(this.log, this.lastWritePosition, this.writtenBytes);
      if (cursor.next() && batch.baseOffset(cursor.bytes, cursor.at) === offset) return cursor;
    }
    let isFound = seekBatch(this, cursor, offset, holesBelow, note);
    if (note.isIndexWrong && this.#mayRebuild) {
      this.#rebuildAtOnce();
      isFound = seekBatch(this, cursor, offset, holesBelow, note);
    }
    return isFound ? cursor : undefined;
  }

  /** An offset that is not below the end of the batch before `position`, from the index; undefined when it has none. */
  offsetBehind(position: number): number | undefined {
    const { offsetIndex } = this;
    const entry = offsetIndex.ceiling(position);
    if (entry >= offsetIndex.count) return undefined;
    return isIndexEntry(this, this.#shared.cursor, entry, position) ? offsetIndex.offsetOf(entry) : undefined;
  }

  /** Where the batches of the file end. Throws DiskError. */
  readEnd(holesBelow = HOLES_ANYWHERE): SegmentEnd {
    const { cursor, note } = this.#shared;
    const end = readEnd(this, cursor, holesBelow, note);
    if (!note.isIndexWrong || !this.#mayRebuild) return end;
    this.#rebuildAtOnce();
    return readEnd(this, cursor, holesBelow, note);
  }

  /** True when the files of a segment that is left reach to where the next segment begins. Throws DiskError. */
  get isComplete(): boolean {
    // The time index was ended when the segment was left: it knows all of it.
    if (this.timeIndex.count > 0 && this.timeIndex.lastOffset === this.nextBaseOffset - 1) return true;
    this.#end ??= this.readEnd();
    return !this.#end.isBroken && this.#end.nextOffset === this.nextBaseOffset;
  }

  /** An offset from which to look for records of `timestamp` or later: nothing before it is as late. Throws DiskError. */
  offsetBefore(timestamp: Int64): number {
    const { cursor, note } = this.#shared;
    let entry = this.timeIndex.floor(timestamp);
    if (entry >= 0 && !isTimeEntry(this, cursor, entry, note)) {
      if (this.#mayRebuild) this.#rebuildAtOnce();
      entry = this.timeIndex.floor(timestamp);
      if (entry >= 0 && !isTimeEntry(this, cursor, entry, note)) return this.baseOffset;
    }
    return entry < 0 ? this.baseOffset : this.timeIndex.offsetOf(entry);
  }

  isWalked(position: number, sizeBytes: number): boolean {
    return position >= this.#walkedFrom && position + sizeBytes <= this.#walkedTo;
  }

  noteWalked(position: number, sizeBytes: number): void {
    const goesOn = position >= this.#walkedFrom && position <= this.#walkedTo;
    if (!goesOn) this.#walkedFrom = position;
    this.#walkedTo = Math.max(goesOn ? this.#walkedTo : 0, position + sizeBytes);
  }

  /** Builds the indexes anew from the batches; nothing may be appended meanwhile. Throws DiskError. */
  *rebuildIndexes(): Generator<void, RebuiltIndexes, void> {
    this.#hasRebuilt = true;
    const rebuilt = yield* rebuildIndexes(this, new BatchCursor());
    this.damagedAt = rebuilt.damagedAt;
    // A damaged segment keeps its time index, which may know of batches behind the damage.
    if (rebuilt.damagedAt < 0 || !this.has(HAS_TIME_INDEX)) this.#takeTimestamp(rebuilt);
    if (rebuilt.damagedAt < 0) this.#bytesSinceIndexEntry = rebuilt.bytesSinceEntry;
    return rebuilt;
  }

  /** Not while a write is under way: entries of batches that are not in the file would be lost. */
  get #mayRebuild(): boolean {
    return !this.#hasRebuilt && this.sizeBytes === this.writtenBytes && !this.isDeleted;
  }

  #rebuildAtOnce(): RebuiltIndexes {
    const rebuilt = runAtOnce(this.rebuildIndexes());
    if (this.damagedAt < 0) this.#shared.indexesRebuilt(this.log.path);
    return rebuilt;
  }

  #takeTimestamp({ maxTimestamp, offsetOfMaxTimestamp }: RebuiltIndexes): void {
    this.#maxTimestamp = maxTimestamp;
    this.#offsetOfMaxTimestamp = offsetOfMaxTimestamp;
  }

  /** Gives the files the suffix `.deleted`; readers that have them open read on. Throws DiskError. */
  renameToDeleted(): void {
    this.isDeleted = true;
    changeSuffixes(this.#shared.disk, this.files, '', DELETED_SUFFIX);
  }

  /** The files of a segment that the cleaner has made get their next suffix, the log's first. Throws DiskError. */
  changeSuffix(from: string, to: string): void {
    changeSuffixes(this.#shared.disk, this.files, from, to);
  }

  /** Closes and removes the files. Throws DiskError. */
  remove(): void {
    this.isDeleted = true;
    removeFiles(this.#shared.disk, this.files);
  }

  closeFiles(): void {
    this.log.close();
    for (const file of this.#indexes.usedFiles) file.close();
  }

  /** The partition's directory has another name now. */
  moveTo(directory: string): void {
    this.#indexes.moveTo(directory);
    for (const file of [this.log, ...this.#indexes.usedFiles]) {
      file.path = `${directory}${file.path.slice(file.path.lastIndexOf('/'))}`;
    }
  }

  /** The log first, then the indexes. */
  get files(): CachedFile[] {
    return [this.log, ...this.#indexes.files];
  }
}
