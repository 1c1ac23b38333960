// Which segments go: those older than `retention.ms`, those beyond `retention.bytes`, and those that lie wholly before the
// log start offset (Kafka's UnifiedLog.deleteOldSegments). Only below the high watermark, and always from the front.
import { subtractInt64, type Int64 } from '../../protocol/index.ts';
import type { LogState } from './log-state.ts';
import { roll } from './rolling.ts';
import type { Segment } from '../segments/segment.ts';

/**
 * Takes the segments that retention no longer wants out of the log, moves the log start offset behind them and gives their
 * files the suffix `.deleted`. The caller removes the files later. Throws DiskError.
 */
export function takeExpired(state: LogState, now: number): Segment[] {
  const deletes = state.config.cleanupPolicy.includes('delete');
  let count = countBeforeStart(state);
  if (deletes) count = Math.max(count, countOlder(state, now), countBeyondSize(state));
  if (count === 0) return [];
  const { segments } = state;
  ensureFile(state, count === segments.count ? roll(state) : (segments.at(count) as Segment));
  const taken = segments.removeFirst(count);
  state.offsets.startsAt(Math.max(state.logStartOffset, segments.first.baseOffset));
  state.epochs.truncateFromStart(state.logStartOffset);
  state.isDirectoryDirty = true;
  for (const segment of taken) {
    segment.renameToDeleted();
    state.snapshots.remove(segment.baseOffset);
  }
  return taken;
}

/**
 * The file that the log will begin with must be on stable storage before the others go: a start that finds no file begins the
 * offsets anew. A segment that could not be made at its first write, or has yet to be written, has none.
 */
function ensureFile(state: LogState, first: Segment): void {
  if (first.hasFile) return;
  state.makeEmptyFile(first);
  state.syncDirectories();
}

/** Segments in front that may go at all: written, below the high watermark, and not an empty last one. */
function countDeletable(state: LogState, isWanted: (segment: Segment, index: number) => boolean): number {
  const { segments } = state;
  let count = 0;
  while (count < segments.count) {
    const segment = segments.at(count) as Segment;
    const end = segments.endOffset(count, state.logEndOffset);
    const isLast = count === segments.count - 1;
    if (end > state.highWatermark || end > state.writtenEndOffset || (isLast && segment.sizeBytes === 0)) break;
    if (!isWanted(segment, count)) break;
    count++;
  }
  return count;
}

function countBeforeStart(state: LogState): number {
  const { segments } = state;
  return countDeletable(
    state,
    (_, index) => index + 1 < segments.count && segments.endOffset(index, 0) <= state.logStartOffset,
  );
}

function countOlder(state: LogState, now: number): number {
  const { retentionMs } = state.config;
  if (retentionMs < 0) return 0;
  const isOlder = (timestamp: Int64): boolean => subtractInt64(now, timestamp) > retentionMs;
  return countDeletable(state, (segment) => {
    const claimed = segment.claimedTimestamp;
    return (claimed > now || isOlder(claimed)) && isOlder(segment.ageTimestamp);
  });
}

function countBeyondSize(state: LogState): number {
  const { retentionBytes } = state.config;
  if (retentionBytes < 0) return 0;
  let excess = state.segments.sizeBytes - retentionBytes;
  return countDeletable(state, (segment) => {
    if (excess - segment.sizeBytes < 0) return false;
    excess -= segment.sizeBytes;
    return true;
  });
}
