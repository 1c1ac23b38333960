// Cuts a log: its end (a follower whose leader has other records) or all of it (Kafka's UnifiedLog.truncateTo and
// truncateFullyAndStartAt). The caller sees to it that no write is under way.
import * as batch from '../../protocol/records/index.ts';
import type { LogState } from './log-state.ts';

/** Drops everything at `offset` and above; a batch that reaches across it goes whole. Throws DiskError. */
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
  // Kafka goes on at `offset` behind a hole, into which nothing of another replica fits.
  const end = found === undefined ? offset : Math.min(offset, batch.baseOffset(found.bytes, found.at));
  if (found !== undefined) {
    active.truncateTo(found.position, end);
    // The next write may go to the next segment, and flush that one alone: for what comes back in front of it recovery would drop it.
    if (state.environment.durability === 'fsync') active.log.open().syncSync();
  }
  state.offsets.cutTo(end);
  noteCut(state, end);
  state.epochs.truncateFromEnd(end);
  state.snapshots.removeAbove(end);
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
