// Cuts a log: its end (a follower whose leader has other records) or all of it (Kafka's UnifiedLog.truncateTo and
// truncateFullyAndStartAt). The caller sees to it that no write is under way.
import type { LogState } from './log-state.ts';

/** Drops everything at `offset` and above. Throws DiskError. */
export function truncate(state: LogState, offset: number): void {
  if (offset >= state.logEndOffset) {
    // A leadership that ended before it had a record has left its epoch there, of which others know nothing.
    state.epochs.truncateFromEnd(state.logEndOffset);
    state.assignedEpoch = -1;
    return;
  }
  const { segments } = state;
  if (segments.first.baseOffset > offset) {
    startAt(state, offset);
    return;
  }
  const index = segments.floorIndex(offset);
  for (const removed of segments.removeBehind(index)) removed.remove();
  const active = segments.active;
  const found = active.seek(offset);
  if (found !== undefined) active.truncateTo(found.position, offset);
  state.offsets.cutTo(offset);
  noteCut(state, offset);
  state.epochs.truncateFromEnd(offset);
  state.snapshots.removeAbove(offset);
  state.reloadProducers();
}

/** Drops all records; the next one gets `offset`. Throws DiskError. */
export function startAt(state: LogState, offset: number): void {
  const fresh = state.newSegment(offset);
  // A segment that goes may have the name of the new one.
  for (const removed of state.segments.replaceAll(fresh)) removed.remove();
  state.makeEmptyFile(fresh);
  state.snapshots.removeAll();
  state.epochs.clear();
  state.offsets.restartAt(offset);
  noteCut(state, offset);
  state.reloadProducers();
}

function noteCut(state: LogState, offset: number): void {
  state.cuts++;
  state.lowestCut = Math.min(state.lowestCut, offset);
  state.assignedEpoch = -1;
  state.isDirectoryDirty = true;
}
