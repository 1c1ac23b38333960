// Makes a log durable up to its written end, and closes it (Kafka's UnifiedLog.flush and close). What is flushed lies below
// the recovery point and is not looked at after a crash, so indexes, epochs and directories are flushed with it.
import { DiskError } from '../../runtime/index.ts';
import type { LogState } from './log-state.ts';

/** Asked between two steps: true when there is no time for the rest. */
export type IsOver = () => boolean;
export const NEVER_OVER: IsOver = () => false;

/**
 * Everything written when this is called is on stable storage when it resolves, unless `isOver` ends it before: then the
 * recovery point stays where it is. Rejects with DiskError.
 */
export async function flushWritten(state: LogState, isOver: IsOver): Promise<void> {
  if (state.isClosed) return;
  try {
    await flushAll(state, isOver);
  } catch (error) {
    // The kernel may have forgotten which pages were not written: a later flush that succeeds proves nothing. The recovery
    // point stays where it is, so that the next start reads everything behind it through.
    state.hasFlushFailed = true;
    if (error instanceof DiskError && !state.isClosed) state.environment.diskFailed(state.directory, error);
    throw error;
  }
}

async function flushAll(state: LogState, isOver: IsOver): Promise<void> {
  if (state.isFlushed) return;
  const end = state.writtenEndOffset;
  const { segments } = state;
  const activeAtStart = segments.active;
  // A list of its own: retention may take segments away meanwhile. A cut may have ended the segment before the recovery point: what it
  // took must not come back (see truncate).
  const unflushed = [...segments].slice(Math.max(0, segments.floorIndex(state.recoveryPoint - 1)));
  for (const segment of unflushed) {
    if (!segment.isDeleted) await segment.syncLog();
    if (segment.isDeleted || state.isClosed) continue;
    // Not only when the segment is left, as in Kafka: what is flushed must be found by its time without another look.
    segment.noteLargestTimestamp();
    segment.saveIndexes();
    if (await segment.syncIndexes()) state.isDirectoryDirty = true;
    if (isOver()) return;
  }
  if (state.isClosed) return;
  state.epochs.save(true);
  if (isOver()) return;
  if (await state.snapshots.sync()) state.isDirectoryDirty = true;
  if (isOver() || state.isClosed) return;
  state.syncDirectories();
  // A segment that was left meanwhile got a last entry in its time index: the flush that its end asked for takes it along.
  const wasLeft = segments.active !== activeAtStart;
  const flushedTo = Math.min(end, state.logEndOffset, wasLeft ? activeAtStart.baseOffset : end);
  if (!state.hasFlushFailed) state.offsets.flushed(flushedTo);
  state.lastFlushMs = state.environment.clock.nowMs();
}

/** What a clean shutdown adds to what a flush writes: the producers at the log's end. Throws DiskError. */
export function completeFiles(state: LogState): void {
  if (state.logEndOffset > 0) state.snapshotProducers();
}

export function closeFiles(state: LogState): void {
  state.isClosed = true;
  for (const segment of state.segments) segment.closeFiles();
}
