// Indexes that a start finds missing, or that cannot be true, are built anew from the segments, of which nothing is cut off.
import type { Disk } from '../../runtime/index.ts';
import type { LogEnvironment } from './log-environment.ts';
import type { Parts } from './partition-loader.ts';
import { isTransactionIndexSound, rebuildTransactionIndex } from '../recovery/transaction-index-check.ts';
import { replayProducers } from '../producers/producer-snapshots.ts';
import type { Segment } from '../segments/segment.ts';
import { HAS_INDEX, HAS_TIME_INDEX, HAS_TRANSACTION_INDEX } from '../segments/segment-files.ts';
import type { Segments } from '../segments/segments.ts';

/** A segment of this size without an offset index would make every look-up long: the index is built anew. */
const INDEX_EXPECTED_FROM_BYTES = 64 * 1024;

/** Those that a clean close leaves of a segment that has records. Throws DiskError. */
export function* rebuildMissingIndexes(
  { disk, logger }: LogEnvironment,
  segments: Segments,
): Generator<void, void, void> {
  for (const segment of segments) {
    if (isIndexed(disk, segment)) continue;
    logger.log('warn', 'the indexes of a segment are missing and are built anew', { path: segment.log.path });
    yield* segment.rebuildIndexes();
  }
}

function isIndexed(disk: Disk, segment: Segment): boolean {
  if (segment.sizeBytes === 0) return true;
  if (!segment.has(HAS_TIME_INDEX)) return false;
  if (segment.sizeBytes < INDEX_EXPECTED_FROM_BYTES) return true;
  return segment.has(HAS_INDEX) && (disk.infoSync(segment.offsetIndex.file.path)?.sizeBytes ?? 0) > 0;
}

/** Looks at the first `count` segments alone: the others will be read through anyway. Throws DiskError. */
export function* mendTransactionIndexes(
  environment: LogEnvironment,
  { segments, snapshots }: Parts,
  count: number,
): Generator<void, void, void> {
  for (let i = 0; i < count; i++) {
    const segment = segments.at(i) as Segment;
    if (!segment.has(HAS_TRANSACTION_INDEX) || isTransactionIndexSound(segments, segment)) continue;
    const { path } = segment.transactionIndex.file;
    environment.logger.log('warn', 'a damaged index of aborted transactions is built anew', { path });
    const replay = { snapshots, segments, endOffset: segment.baseOffset, ...producerLimits(environment) };
    yield* rebuildTransactionIndex(segment, yield* replayProducers(replay));
  }
}

export function producerLimits(environment: LogEnvironment): { now: number; expirationMs: number } {
  return { now: environment.clock.nowMs(), expirationMs: environment.config.producerIdExpirationMs };
}
