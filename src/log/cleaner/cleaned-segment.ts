// The segment that a group of others becomes, while it is written under names that end in `.cleaned`.
import type { Disk } from '../../runtime/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import type { CleaningWork, LogToClean } from './log-to-clean.ts';
import type { WriteBuffer } from './write-buffer.ts';

export interface CleanedSegmentMeans {
  readonly work: CleaningWork;
  readonly stats: CleanerStats;
  /** Empty. */
  readonly buffer: WriteBuffer;
}

export class CleanedSegment {
  readonly segment: Segment;
  readonly #disk: Disk;
  readonly #work: CleaningWork;
  readonly #stats: CleanerStats;
  readonly #indexIntervalBytes: number;
  readonly #buffer: WriteBuffer;
  #isPinned = false;

  /** Makes the files. Throws DiskError. */
  constructor(disk: Disk, log: LogToClean, baseOffset: number, means: CleanedSegmentMeans) {
    this.#disk = disk;
    this.#work = means.work;
    this.#stats = means.stats;
    this.#buffer = means.buffer;
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
    this.#buffer.addRange(bytes, at, sizeBytes);
  }

  /** A batch that was built, which is copied. Throws DamagedLogError. */
  addBuilt(bytes: Buffer): void {
    this.#note(bytes, 0, bytes.length);
    this.#buffer.add(bytes);
  }

  /** Writes what was added. Rejects with DiskError, CleaningAbortedError. */
  async write(): Promise<void> {
    if (this.#buffer.isEmpty) return;
    const bytes = this.#buffer.take();
    const { segment } = this;
    await this.#work.throttle(bytes.length);
    this.#work.check();
    await segment.log.open().writev([bytes], segment.writtenBytes);
    segment.writtenBytes += bytes.length;
    this.#stats.bytesWritten += bytes.length;
    if (segment.hasLargeIndexes) segment.saveIndexes();
  }

  /** All of it is on stable storage, and as old as `modifiedMs`, when this resolves. Rejects with DiskError. */
  async finish(modifiedMs: number): Promise<void> {
    const { segment } = this;
    segment.noteLargestTimestamp();
    segment.saveIndexes();
    // Apache Kafka makes both, were they empty.
    segment.offsetIndex.ensureFile();
    segment.timeIndex.ensureFile();
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
  }
}
