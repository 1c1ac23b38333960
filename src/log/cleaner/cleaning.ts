// One pass over one log (Kafka's Cleaner): the map of keys first, then every segment up to where the map ends is written anew
// without the records that later ones have replaced, and takes the place of the old one, or of several small ones.
import { type Disk, DiskError } from '../../runtime/index.ts';
import type { Segment } from '../segments/segment.ts';
import { BatchFilter, type FilterOptions } from './batch-filter.ts';
import { CleanedSegment } from './cleaned-segment.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import { CleanerStats } from './cleaner-stats.ts';
import { lastRecordsOf } from './last-records.ts';
import { type CleaningMeans, CleaningWork, type LogToClean } from './log-to-clean.ts';
import { OffsetMap } from './offset-map.ts';
import { buildOffsetMap } from './offset-map-building.ts';
import { groupSegments, segmentsIn } from './segment-groups.ts';
import { SegmentReader } from './segment-reader.ts';
import { WriteBuffer } from './write-buffer.ts';

export interface CleaningOptions {
  readonly disk: Disk;
  readonly log: LogToClean;
  readonly means: CleaningMeans;
  readonly firstDirtyOffset: number;
  /** Where a segment begins. */
  readonly firstUncleanableOffset: number;
  /** Entries that the memory for the map holds, and how many of them may be used (0 to 1). */
  readonly mapSlots: number;
  readonly mapLoadFactor: number;
  /** 16 bytes that nobody knows. */
  readonly secret: Uint8Array;
}

export interface CleaningResult {
  /** The first offset that is dirty now. */
  readonly endOffset: number;
  readonly stats: CleanerStats;
}

/**
 * Rejects with CleaningAbortedError; DiskError; DamagedLogError, CorruptRecordError or InvalidRecordError for records that cannot
 * be read: groups that were finished before have taken their place, the others are as they were.
 */
export async function cleanLog(options: CleaningOptions): Promise<CleaningResult> {
  const { log, means, firstDirtyOffset, firstUncleanableOffset: end } = options;
  const now = means.clock.nowMs();
  const startedMs = means.clock.monotonicMs();
  const stats = new CleanerStats();
  const work = new CleaningWork(means, log);
  const lastRecords = await lastRecordsOf(log, work);
  // What takes the place of older records must not be lost after them.
  await log.flush();
  work.check();
  const clean = segmentsIn(log.segments, 0, firstDirtyOffset);
  const legacyHorizonMs = (clean.at(-1)?.modifiedMs ?? 0) - log.config.deleteRetentionMs;
  const map = new OffsetMap({
    slots: options.mapSlots,
    loadFactor: options.mapLoadFactor,
    mostKeys: end - firstDirtyOffset,
    firstOffset: firstDirtyOffset,
    endOffset: end,
    secret: options.secret,
  });
  await buildOffsetMap({ log, start: firstDirtyOffset, end, map, stats, work });
  const endOffset = map.latestOffset + 1;
  stats.mapMs = means.clock.monotonicMs() - startedMs;
  const transactions = new CleanedTransactions();
  const bounds = { dirtyOffset: firstDirtyOffset, upperBoundOffset: end };
  const filter = { log, map, transactions, lastRecords, stats, work, now, ...bounds };
  const pass = new Pass(options, filter, clean.length === 0 ? 0 : legacyHorizonMs);
  const { segmentBytes, segmentIndexBytes: indexBytes } = log.config;
  const groupBounds = { segmentBytes, indexBytes, firstUncleanableOffset: end };
  for (const group of groupSegments(segmentsIn(log.segments, 0, endOffset), groupBounds)) await pass.cleanGroup(group);
  stats.bufferUtilization = map.utilization(options.mapSlots);
  stats.totalMs = means.clock.monotonicMs() - startedMs;
  return { endOffset, stats };
}

class Pass {
  readonly #options: CleaningOptions;
  readonly #with: FilterOptions;
  readonly #filter: BatchFilter;
  readonly #reader: SegmentReader;
  readonly #buffer: WriteBuffer;
  /** Tombstones of formats 0 and 1 go from segments that are older. */
  readonly #legacyHorizonMs: number;

  constructor(options: CleaningOptions, filter: FilterOptions, legacyHorizonMs: number) {
    this.#options = options;
    this.#with = filter;
    this.#filter = new BatchFilter(filter);
    this.#reader = new SegmentReader(filter.work);
    this.#buffer = new WriteBuffer(options.means.bufferBytes);
    this.#legacyHorizonMs = legacyHorizonMs;
  }

  async cleanGroup(group: readonly Segment[]): Promise<void> {
    const { disk, log } = this.#options;
    const { work, stats, transactions } = this.#with;
    const buffer = this.#buffer;
    const cleaned = new CleanedSegment(disk, log, (group[0] as Segment).baseOffset, { work, stats, buffer });
    try {
      transactions.onAborted = (transaction) => cleaned.segment.transactionIndex.append(transaction);
      for (const segment of group) {
        transactions.add(log.abortedTransactions(segment.baseOffset, segment.nextBaseOffset));
        this.#filter.keepsLegacyTombstones = segment.modifiedMs > this.#legacyHorizonMs;
        await this.#cleanInto(segment, cleaned);
      }
      await cleaned.finish((group.at(-1) as Segment).modifiedMs);
      work.check();
    } catch (error) {
      discard(cleaned);
      throw error;
    }
    log.replaceSegments(cleaned.segment, group);
  }

  async #cleanInto(segment: Segment, cleaned: CleanedSegment): Promise<void> {
    const reader = this.#reader;
    const { work } = this.#with;
    reader.open(segment, 0);
    try {
      while (await reader.fill()) {
        for (let at = reader.next(); at >= 0; at = reader.next()) {
          const { bytes, sizeBytes } = reader;
          this.#with.stats.bytesRead += sizeBytes;
          let outcome = this.#filter.filter(bytes, at);
          if (outcome instanceof Promise) outcome = await outcome;
          if (outcome === 'whole') cleaned.addWhole(bytes, at, sizeBytes);
          else if (outcome !== 'gone') cleaned.addBuilt(outcome);
          if (work.isDue) await work.pause();
        }
        await cleaned.write();
      }
    } finally {
      reader.close();
    }
  }
}

/** What cannot be removed is at the next pass over these segments, or at the next start. */
function discard(cleaned: CleanedSegment): void {
  try {
    cleaned.discard();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
}
