// Makes a log durable up to its written end, and closes it (Kafka's UnifiedLog.flush and close). What is flushed lies below
// the recovery point and is not looked at after a crash, so indexes, epochs and directories are flushed with it.
import type { LogState } from './log-state.ts';

/** Everything written when this is called is on stable storage when it resolves. Rejects with DiskError. */
export async function flushWritten(state: LogState): Promise<void> {
  if (state.writtenEndOffset <= state.recoveryPoint || state.isClosed) return;
  try {
    await flushAll(state);
  } catch (error) {
    // The kernel may have forgotten which pages were not written: a later flush that succeeds proves nothing. The recovery
    // point stays where it is, so that the next start reads everything behind it through.
    state.hasFlushFailed = true;
    throw error;
  }
}

async function flushAll(state: LogState): Promise<void> {
  const end = state.writtenEndOffset;
  const { segments } = state;
  for (let i = Math.max(0, segments.floorIndex(state.recoveryPoint)); i < segments.count; i++) {
    const segment = segments.at(i);
    if (segment === undefined || segment.baseOffset >= end) break;
    if (segment.hasFile && !segment.isDeleted) {
      const file = segment.log.pin();
      try {
        await file.sync();
      } finally {
        segment.log.unpin();
      }
    }
    if (segment.isDeleted || state.isClosed) continue;
    segment.saveIndexes();
    await segment.syncIndexes();
  }
  if (state.isClosed) return;
  state.epochs.save(true);
  state.snapshots.sync();
  state.syncDirectories();
  if (!state.hasFlushFailed) state.recoveryPoint = Math.max(state.recoveryPoint, Math.min(end, state.logEndOffset));
  state.lastFlushMs = state.environment.clock.nowMs();
}

/** Files as a clean shutdown leaves them: indexes whole, a producer snapshot at the log's end. Throws DiskError. */
export function closeFiles(state: LogState): void {
  const { segments, snapshots } = state;
  const active = segments.active;
  if (active.sizeBytes > 0) active.noteLargestTimestamp();
  for (const segment of segments) segment.saveIndexes();
  if (state.logEndOffset > 0 && snapshots.latestOffset !== state.logEndOffset)
    snapshots.write(state.logEndOffset, state.producers);
  state.epochs.save(false);
  state.isClosed = true;
  for (const segment of segments) segment.closeFiles();
}
