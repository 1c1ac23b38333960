// The leader epochs of a log, from its batches: for a checkpoint that is missing or damaged. Epochs only go up, so that a
// segment is walked only when it begins and ends in different ones.
import * as batch from '../../protocol/records/index.ts';
import { BatchCursor } from './batch-cursor.ts';
import type { Segment } from './segment.ts';

const NO_EPOCH = -1;

/** Two numbers an entry, epoch and start offset, ascending. A damaged part tells nothing. Throws DiskError. */
export function scanEpochs(segments: readonly Segment[]): number[] {
  const entries: number[] = [];
  const cursor = new BatchCursor();
  const note = (): void => {
    const epoch = batch.partitionLeaderEpoch(cursor.bytes, cursor.at);
    const latest = entries[entries.length - 2] ?? NO_EPOCH;
    if (epoch > latest) entries.push(epoch, batch.baseOffset(cursor.bytes, cursor.at));
  };
  const used = segments.filter((segment) => segment.sizeBytes > 0);
  used.forEach((segment, index) => {
    cursor.start(segment.log, 0, segment.writtenBytes);
    if (!cursor.next()) return;
    note();
    const first = batch.partitionLeaderEpoch(cursor.bytes, cursor.at);
    const next = used[index + 1];
    if (first === (next === undefined ? segment.readEnd().epoch : firstEpoch(next))) return;
    cursor.start(segment.log, 0, segment.writtenBytes);
    while (cursor.next()) note();
  });
  return entries;
}

function firstEpoch(segment: Segment): number {
  const cursor = new BatchCursor().start(segment.log, 0, segment.writtenBytes);
  return cursor.next() ? batch.partitionLeaderEpoch(cursor.bytes, cursor.at) : NO_EPOCH;
}
