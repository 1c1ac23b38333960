// One segment of a log: `<base offset>.log` with its indexes. It knows how many bytes are assigned (validated and queued)
// and how many are in the file; readers see only the latter. Writing is the write queue's business (Kafka's LogSegment).
import type { Disk } from '../../runtime/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { BatchCursor } from './batch-cursor.ts';
import { CachedFile, type FileCache } from './file-cache.ts';
import { IndexPages } from './index-file.ts';
import {
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetName,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-names.ts';
import { OFFSET_INDEX_ENTRY, OffsetIndex } from './offset-index.ts';
import { NO_TIMESTAMP, TIME_INDEX_ENTRY, TimeIndex } from './time-index.ts';
import { TransactionIndex } from './transaction-index.ts';

const LARGEST_RELATIVE_OFFSET = 0x7fff_ffff;

/** What all segments of a broker share. */
export class SegmentFiles {
  readonly disk: Disk;
  readonly files: FileCache;
  readonly pages = new IndexPages();
  /** For look-ups that end before anything else can begin. */
  readonly cursor = new BatchCursor();

  constructor(disk: Disk, files: FileCache) {
    this.disk = disk;
    this.files = files;
  }
}

/** Which files of a segment stand in the directory, as bits. */
export const HAS_LOG = 1;
export const HAS_INDEX = 2;
export const HAS_TIME_INDEX = 4;
export const HAS_TRANSACTION_INDEX = 8;

/** A segment as it was before an append, to go back to when the write fails. */
export interface SegmentMark {
  readonly sizeBytes: number;
  readonly endOffset: number;
  readonly bytesSinceIndexEntry: number;
  readonly maxTimestamp: number;
  readonly offsetOfMaxTimestamp: number;
  readonly firstTimestamp: number;
}

export class Segment {
  readonly baseOffset: number;
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
  /** For the guess what is still in the page cache: LogSlice.isHot. */
  writtenAt = 0;
  /** Where the last write began: what a waiting consumer asks for next. */
  lastWriteOffset = -1;
  lastWritePosition = 0;
  /** In [0, 1): which part of the jitter is taken off this segment's age limit; -1 before it is drawn. */
  rollJitter = -1;
  /** The .log file has been made. */
  hasFile: boolean;
  isDeleted = false;
  readonly #shared: SegmentFiles;
  #directory: string;
  #existing: number;
  #bytesSinceIndexEntry = 0;
  /** NaN: to be read from the time index. */
  #maxTimestamp: number;
  #offsetOfMaxTimestamp: number;
  /** Of the first batch; NaN: to be read; -1: none yet. */
  #firstTimestamp: number;
  #offsetIndex: OffsetIndex | undefined;
  #timeIndex: TimeIndex | undefined;
  #transactionIndex: TransactionIndex | undefined;

  constructor(
    shared: SegmentFiles,
    options: { directory: string; baseOffset: number; existing: number; createdMs: number },
  ) {
    this.#shared = shared;
    this.#directory = options.directory;
    this.#existing = options.existing;
    this.baseOffset = options.baseOffset;
    this.createdMs = options.createdMs;
    this.hasFile = (options.existing & HAS_LOG) !== 0;
    this.log = new CachedFile(shared.files, `${options.directory}/${offsetName(options.baseOffset)}${LOG_SUFFIX}`);
    const isEmpty = !this.hasFile;
    this.#maxTimestamp = isEmpty ? NO_TIMESTAMP : Number.NaN;
    this.#offsetOfMaxTimestamp = options.baseOffset;
    this.#firstTimestamp = isEmpty ? NO_TIMESTAMP : Number.NaN;
  }

  /** Whether the files (HAS_… bits) stood in the directory when the segment was opened. */
  has(bits: number): boolean {
    return (this.#existing & bits) === bits;
  }

  get offsetIndex(): OffsetIndex {
    return (this.#offsetIndex ??= new OffsetIndex({
      baseOffset: this.baseOffset,
      file: this.#file(INDEX_SUFFIX),
      pages: this.#shared.pages,
      exists: (this.#existing & HAS_INDEX) !== 0,
    }));
  }

  get timeIndex(): TimeIndex {
    return (this.#timeIndex ??= new TimeIndex({
      baseOffset: this.baseOffset,
      file: this.#file(TIME_INDEX_SUFFIX),
      pages: this.#shared.pages,
      exists: (this.#existing & HAS_TIME_INDEX) !== 0,
    }));
  }

  get transactionIndex(): TransactionIndex {
    return (this.#transactionIndex ??= new TransactionIndex({
      file: this.#file(TRANSACTION_INDEX_SUFFIX),
      pages: this.#shared.pages,
      exists: (this.#existing & HAS_TRANSACTION_INDEX) !== 0,
    }));
  }

  /** False: no aborted transaction ended here, and there is no file to look into. */
  get mayHaveAborted(): boolean {
    return this.#transactionIndex !== undefined || (this.#existing & HAS_TRANSACTION_INDEX) !== 0;
  }

  /** The largest timestamp of the batches here, -1 when there are none. */
  get maxTimestamp(): number {
    if (Number.isNaN(this.#maxTimestamp)) {
      this.#maxTimestamp = this.timeIndex.lastTimestamp;
      this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset;
    }
    return this.#maxTimestamp;
  }

  /** The last offset of the batch that has the largest timestamp. */
  get offsetOfMaxTimestamp(): number {
    // Asked for first: it reads both from the index.
    return this.maxTimestamp === NO_TIMESTAMP ? this.baseOffset : this.#offsetOfMaxTimestamp;
  }

  /** The largest timestamp, or when records have none, the time of the last write. For retention. */
  get ageTimestamp(): number {
    return this.maxTimestamp >= 0 ? this.maxTimestamp : (this.#shared.disk.infoSync(this.log.path)?.modifiedMs ?? 0);
  }

  /** Of the first batch; -1 when there is none. Segments are rolled by the distance to it. */
  get firstTimestamp(): number {
    if (Number.isNaN(this.#firstTimestamp)) {
      const cursor = this.#shared.cursor.start(this.log, 0, this.writtenBytes);
      this.#firstTimestamp = cursor.next() ? batch.maxTimestamp(cursor.bytes, cursor.at) : NO_TIMESTAMP;
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
    if (Number.isNaN(this.#maxTimestamp)) this.#maxTimestamp = this.maxTimestamp;
    if (this.mayHaveAborted) this.transactionIndex.prepare();
    this.offsetIndex.prepare();
  }

  /** Takes a batch into account that is about to be queued. */
  noteBatch(sizeBytes: number, lastOffset: number, maxTimestamp: number, indexIntervalBytes: number): void {
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
    this.#offsetIndex?.truncateToPosition(mark.sizeBytes);
    this.#timeIndex?.truncateToOffset(mark.endOffset);
    this.#transactionIndex?.truncateToOffset(mark.endOffset);
  }

  /** Cuts the file at `position`, where the batch with `offset` begins. Throws DiskError. */
  truncateTo(position: number, offset: number): void {
    this.log.open().truncateSync(position);
    this.isUnsynced = true;
    this.sizeBytes = position;
    this.writtenBytes = position;
    this.lastWriteOffset = -1;
    this.offsetIndex.truncateToPosition(position);
    this.timeIndex.truncateToOffset(offset);
    if (this.mayHaveAborted) this.transactionIndex.truncateToOffset(offset);
    this.#maxTimestamp = Number.NaN;
    this.#firstTimestamp = position === 0 ? NO_TIMESTAMP : this.#firstTimestamp;
  }

  /** The time index ends with the largest timestamp when the segment is left or closed. */
  noteLargestTimestamp(): void {
    if (this.sizeBytes > 0) this.timeIndex.append(this.maxTimestamp, this.offsetOfMaxTimestamp);
  }

  /** Index entries in memory are appended to their files. */
  saveIndexes(): void {
    this.#offsetIndex?.save();
    this.#timeIndex?.save();
    // Kafka's DumpLogSegments reads a time index only beside an offset index, were it empty.
    if (this.#timeIndex?.hasFile === true) this.offsetIndex.ensureFile();
    this.#transactionIndex?.save();
  }

  /** Whether the index entries in memory are worth a write. */
  get hasLargeIndexes(): boolean {
    return this.#offsetIndex?.isTailLarge === true || this.#timeIndex?.isTailLarge === true;
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
  async syncIndexes(): Promise<boolean> {
    let isAnyNew = false;
    for (const index of [this.#offsetIndex, this.#timeIndex, this.#transactionIndex]) {
      if (index === undefined) continue;
      await index.sync();
      isAnyNew ||= index.isNewFile;
      index.isNewFile = false;
    }
    return isAnyNew;
  }

  /** Empties the indexes, for recovery. Throws DiskError. */
  resetIndexes(): void {
    if ((this.#existing & HAS_INDEX) !== 0 || this.#offsetIndex !== undefined) this.offsetIndex.reset();
    if ((this.#existing & HAS_TIME_INDEX) !== 0 || this.#timeIndex !== undefined) this.timeIndex.reset();
    if (this.mayHaveAborted) this.transactionIndex.reset();
    this.sizeBytes = 0;
    this.#bytesSinceIndexEntry = 0;
    this.#maxTimestamp = NO_TIMESTAMP;
    this.#offsetOfMaxTimestamp = this.baseOffset;
    this.#firstTimestamp = NO_TIMESTAMP;
  }

  /**
   * Goes to the first batch that ends at `offset` or later, among those written: the shared cursor stands on it.
   * undefined when there is none. Throws DiskError.
   */
  seek(offset: number): BatchCursor | undefined {
    const isAtLastWrite = offset === this.lastWriteOffset;
    const indexed = isAtLastWrite ? this.lastWritePosition : this.offsetIndex.lookup(offset);
    const cursor = this.#shared.cursor.start(this.log, indexed < this.writtenBytes ? indexed : 0, this.writtenBytes);
    while (cursor.next()) {
      if (batch.lastOffset(cursor.bytes, cursor.at) >= offset) return cursor;
    }
    return undefined;
  }

  /** The offset behind the last batch of the file, from the last index entry on; -1 when the file does not end with a batch. Throws DiskError. */
  readNextOffset(): number {
    const index = this.offsetIndex;
    const from = index.count === 0 ? 0 : index.positionOf(index.count - 1);
    const cursor = this.#shared.cursor.start(this.log, from < this.writtenBytes ? from : 0, this.writtenBytes);
    let next = this.baseOffset;
    while (cursor.next()) next = batch.lastOffset(cursor.bytes, cursor.at) + 1;
    return cursor.isBroken ? -1 : next;
  }

  /** Gives the files the suffix `.deleted`; readers that have them open read on. Throws DiskError. */
  renameToDeleted(): void {
    this.isDeleted = true;
    const { disk } = this.#shared;
    for (const file of this.#ownFiles()) {
      if (!disk.existsSync(file.path)) continue;
      disk.renameSync(file.path, `${file.path}${DELETED_SUFFIX}`);
      file.path += DELETED_SUFFIX;
      file.mode = 'read';
    }
  }

  /** Closes and removes the files. Throws DiskError. */
  remove(): void {
    this.isDeleted = true;
    const { disk } = this.#shared;
    for (const file of this.#ownFiles()) {
      file.close();
      if (disk.existsSync(file.path)) disk.removeSync(file.path);
    }
  }

  closeFiles(): void {
    this.log.close();
    this.#offsetIndex?.file.close();
    this.#timeIndex?.file.close();
    this.#transactionIndex?.file.close();
  }

  /** The partition's directory has another name now. */
  moveTo(directory: string): void {
    this.#directory = directory;
    for (const file of [this.log, this.#offsetIndex?.file, this.#timeIndex?.file, this.#transactionIndex?.file]) {
      if (file !== undefined) file.path = `${directory}${file.path.slice(file.path.lastIndexOf('/'))}`;
    }
  }

  #file(suffix: string): CachedFile {
    return new CachedFile(this.#shared.files, `${this.#directory}/${offsetName(this.baseOffset)}${suffix}`);
  }

  #ownFiles(): CachedFile[] {
    return [this.log, this.offsetIndex.file, this.timeIndex.file, this.transactionIndex.file];
  }
}
