// The segment that a group of others becomes, while it is written under names that end in `.cleaned`.
import type { Disk } from '../../runtime/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import type { CleaningWork, LogToClean } from './log-to-clean.ts';

export class CleanedSegment {
  readonly segment: Segment;
  readonly #disk: Disk;
  readonly #work: CleaningWork;
  readonly #stats: CleanerStats;
  readonly #indexIntervalBytes: number;
  /** What is written next, in order. */
  #buffers: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** Batches of one chunk that follow on each other there stay one range. */
  #range: { readonly bytes: Buffer; from: number; to: number } | undefined;
  #isPinned = false;

  /** Makes the files. Throws DiskError. */
  constructor(disk: Disk, log: LogToClean, baseOffset: number, work: CleaningWork, stats: CleanerStats) {
    this.#disk = disk;
    this.#work = work;
    this.#stats = stats;
    this.#indexIntervalBytes = log.config.indexIntervalBytes;
    this.segment = log.newCleanedSegment(baseOffset);
    // What an aborted pass has left, or a crash that took the removal back.
    this.segment.remove();
    this.segment.isDeleted = false;
    this.segment.log.pin();
    this.#isPinned = true;
    this.segment.hasFile = true;
    this.segment.isUnsynced = true;
  }

  /** The batch at `at` of a chunk, as it stands; `bytes` must not change before `write` has ended. Throws DamagedLogError. */
  addWhole(bytes: Buffer, at: number, sizeBytes: number): void {
    this.#note(bytes, at, sizeBytes);
    const range = this.#range;
    if (range?.bytes === bytes && range.to === at) {
      range.to += sizeBytes;
      return;
    }
    this.#endRange();
    this.#range = { bytes, from: at, to: at + sizeBytes };
  }

  /** A batch that was built. Throws DamagedLogError. */
  addBuilt(bytes: Buffer): void {
    this.#endRange();
    this.#note(bytes, 0, bytes.length);
    this.#buffers.push(bytes);
  }

  /** Writes what was added. Rejects with DiskError, CleaningAbortedError. */
  async write(): Promise<void> {
    this.#endRange();
    if (this.#buffers.length === 0) return;
    const buffers = this.#buffers.length === 1 ? this.#buffers : [Buffer.concat(this.#buffers, this.#bufferedBytes)];
    const bytes = this.#bufferedBytes;
    this.#buffers = [];
    this.#bufferedBytes = 0;
    const { segment } = this;
    await this.#work.throttle(bytes);
    this.#work.check();
    await segment.log.open().writev(buffers, segment.writtenBytes);
    segment.writtenBytes += bytes;
    this.#stats.bytesWritten += bytes;
    if (segment.hasLargeIndexes) segment.saveIndexes();
  }

  /** All of it is on stable storage, and as old as `modifiedMs`, when this resolves. Rejects with DiskError. */
  async finish(modifiedMs: number): Promise<void> {
    const { segment } = this;
    segment.noteLargestTimestamp();
    segment.saveIndexes();
    await segment.syncLog();
    await segment.syncIndexes();
    this.#unpin();
    this.#disk.setModifiedSync(segment.log.path, Math.floor(modifiedMs));
  }

  /** Removes the files. Throws DiskError. */
  discard(): void {
    this.#unpin();
    this.segment.remove();
  }

  #unpin(): void {
    if (this.#isPinned) this.segment.log.unpin();
    this.#isPinned = false;
  }

  #note(bytes: Uint8Array, at: number, sizeBytes: number): void {
    const isLegacy = batch.magic(bytes, at) < batch.MAGIC_V2;
    const header = isLegacy ? batch.legacyHeader(bytes, at) : bytes;
    const headerAt = isLegacy ? 0 : at;
    const lastOffset = batch.lastOffset(header, headerAt);
    const { segment } = this;
    if (!segment.canHold(lastOffset)) {
      throw new DamagedLogError(segment.log.path, segment.sizeBytes, `offset ${lastOffset} is too far from its base`);
    }
    segment.noteBatch(sizeBytes, lastOffset, batch.maxTimestamp(header, headerAt), this.#indexIntervalBytes);
    this.#bufferedBytes += sizeBytes;
  }

  #endRange(): void {
    const range = this.#range;
    if (range !== undefined) this.#buffers.push(range.bytes.subarray(range.from, range.to));
    this.#range = undefined;
  }
}
