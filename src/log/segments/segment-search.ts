// Finds batches in a segment. Indexes and headers come from a disk, and are not believed unseen: an index entry counts when the
// batch that it points to is there, and a batch counts when it follows on the one before. What does not is damage, never a
// reason to answer with what stands behind it. (Kafka's LogSegment.translateOffset and FileRecords.searchForOffsetFromPosition
// go on with the next segment where a length is damaged.)
import * as batch from '../../protocol/records/index.ts';
import type { BatchCursor } from './batch-cursor.ts';
import { DamagedLogError } from './damaged-log-error.ts';
import type { CachedFile } from './file-cache.ts';
import type { OffsetIndex } from './offset-index.ts';
import type { TimeIndex } from './time-index.ts';

export interface SearchedSegment {
  readonly baseOffset: number;
  /** Where the next segment begins: offsets here are below. */
  readonly nextBaseOffset: number;
  readonly writtenBytes: number;
  readonly log: CachedFile;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
}

/** A log that may have been compacted anywhere: a missing offset says nothing. */
export const HOLES_ANYWHERE = Number.MAX_SAFE_INTEGER;

/** Index entries in a row that are tried before the file is walked from its front. */
const MOST_DISTRUSTED = 8;

/** Before the first batch of a walk that did not begin at the front of the file. */
const ANY_OFFSET = -1;

/**
 * Whether the batch under the cursor may follow on one that ends before offset `expected`. Below `holesBelow` offsets may be
 * missing, as compaction has taken them; a log that was never compacted has them all.
 */
export function isInPlace(
  segment: SearchedSegment,
  { bytes, at }: BatchCursor,
  expected: number,
  holesBelow: number,
): boolean {
  const first = batch.baseOffset(bytes, at);
  const last = batch.lastOffset(bytes, at);
  if (last < first || last >= segment.nextBaseOffset) return false;
  if (expected === ANY_OFFSET) return first >= segment.baseOffset;
  return first === expected || (first > expected && (expected < holesBelow || batch.isUnopenedSet(bytes, at)));
}

/** Whether the entry points to a batch at `least` or behind it that ends where the entry says; the cursor is on it then. */
export function isIndexEntry(segment: SearchedSegment, cursor: BatchCursor, entry: number, least = 1): boolean {
  const { log, writtenBytes, offsetIndex } = segment;
  const position = offsetIndex.positionOf(entry);
  if (position < least || position >= writtenBytes || !cursor.start(log, position, writtenBytes).next()) return false;
  // Kafka before 4.0 has one entry for several batches that were appended together: the last offset of them all.
  const { bytes, at } = cursor;
  // Kafka before 0.10.1 has the first offset of what was appended together: the messages of a set lie behind the entry.
  const last = batch.magic(bytes, at) < batch.MAGIC_V2 ? batch.baseOffset(bytes, at) : batch.lastOffset(bytes, at);
  const isThere = last <= offsetIndex.offsetOf(entry);
  return isThere && isInPlace(segment, cursor, ANY_OFFSET, HOLES_ANYWHERE);
}

/**
 * Places the cursor before the batch of the last entry up to `entry` that can be believed, else at the front of the file; how
 * many were not believed.
 */
function startAtEntry(segment: SearchedSegment, cursor: BatchCursor, entry: number): number {
  let distrusted = 0;
  for (let at = entry; at >= 0 && distrusted < MOST_DISTRUSTED; at--) {
    if (isIndexEntry(segment, cursor, at)) {
      cursor.again();
      return distrusted;
    }
    distrusted++;
  }
  cursor.start(segment.log, 0, segment.writtenBytes);
  return distrusted;
}

const expectedAt = (segment: SearchedSegment, cursor: BatchCursor): number =>
  cursor.nextPosition === 0 ? segment.baseOffset : ANY_OFFSET;

/** What is wrong where the cursor stopped, or with the batch that it stands on. */
export function damageAt(segment: SearchedSegment, cursor: BatchCursor): DamagedLogError {
  const { path } = segment.log;
  if (cursor.isBroken) return new DamagedLogError(path, cursor.nextPosition, 'there is no batch of records');
  if (batch.isUnopenedSet(cursor.bytes, cursor.at)) {
    return new DamagedLogError(path, cursor.position, 'the compressed message there cannot be opened');
  }
  const first = batch.baseOffset(cursor.bytes, cursor.at);
  const reason = `the batch there has offset ${first}, which does not follow on the one before`;
  return new DamagedLogError(path, cursor.position, reason);
}

/** Whether the look-up had to pass over index entries that are wrong. */
export interface SearchNote {
  isIndexWrong: boolean;
}

/**
 * Places the cursor on the first batch that ends at `offset` or later. False when the segment ends before. Throws
 * DamagedLogError when something that is no batch, or the wrong one, is in the way; DiskError.
 */
export function seekBatch(
  segment: SearchedSegment,
  cursor: BatchCursor,
  offset: number,
  holesBelow: number,
  note: SearchNote,
): boolean {
  note.isIndexWrong = startAtEntry(segment, cursor, segment.offsetIndex.floor(offset)) > 0;
  let expected = expectedAt(segment, cursor);
  while (cursor.next()) {
    if (!isInPlace(segment, cursor, expected, holesBelow)) throw damageAt(segment, cursor);
    const last = batch.lastOffset(cursor.bytes, cursor.at);
    if (last >= offset) {
      if (batch.isUnopenedSet(cursor.bytes, cursor.at)) throw damageAt(segment, cursor);
      const first = batch.baseOffset(cursor.bytes, cursor.at);
      if (first > offset && first > segment.baseOffset) refuseUnlessHole(segment, cursor, holesBelow, offset);
      return true;
    }
    expected = last + 1;
  }
  if (cursor.isBroken) throw damageAt(segment, cursor);
  return false;
}

/** The batch begins behind the offset: compaction took what was there, or the offset in its header is damaged. */
function refuseUnlessHole(segment: SearchedSegment, cursor: BatchCursor, holesBelow: number, offset: number): void {
  const { position } = cursor;
  if (offset >= holesBelow) throw damageAt(segment, cursor);
  const expected = batch.lastOffset(cursor.bytes, cursor.at) + 1;
  if (cursor.next() && batch.baseOffset(cursor.bytes, cursor.at) < expected) throw damageAt(segment, cursor);
  cursor.start(segment.log, position, segment.writtenBytes).next();
}

export interface SegmentEnd {
  /** Behind the last batch; the base offset when there is none. */
  readonly nextOffset: number;
  /** Behind it in the file. */
  readonly position: number;
  /** What stands there is no batch, or one that does not follow. */
  readonly isBroken: boolean;
  /** The leader epoch of the last batch, -1 when there is none. */
  readonly epoch: number;
}

/** Where the segment ends, from its last index entry on. Throws DiskError. */
export function readEnd(
  segment: SearchedSegment,
  cursor: BatchCursor,
  holesBelow: number,
  note: SearchNote,
): SegmentEnd {
  note.isIndexWrong = startAtEntry(segment, cursor, segment.offsetIndex.count - 1) > 0;
  let expected = expectedAt(segment, cursor);
  let nextOffset = segment.baseOffset;
  let position = 0;
  let epoch = -1;
  while (cursor.next()) {
    if (!isInPlace(segment, cursor, expected, holesBelow)) return { nextOffset, position, isBroken: true, epoch };
    nextOffset = batch.lastOffset(cursor.bytes, cursor.at) + 1;
    epoch = batch.partitionLeaderEpoch(cursor.bytes, cursor.at);
    position = cursor.nextPosition;
    expected = nextOffset;
  }
  return { nextOffset, position, isBroken: cursor.isBroken, epoch };
}

/** Whether the largest timestamp and its offset, as the time index has them, are those of a batch and none behind is later. */
export function isLargestTimestamp(segment: SearchedSegment, cursor: BatchCursor, note: SearchNote): boolean {
  const { timeIndex, offsetIndex, log, writtenBytes } = segment;
  const entry = timeIndex.count - 1;
  if (entry < 0) {
    if (!cursor.start(log, 0, writtenBytes).next()) return true;
    if (batch.maxTimestamp(cursor.bytes, cursor.at) >= 0) return false;
    // Messages of format 0 have no time; those of later formats may stand behind them.
    startAtEntry(segment, cursor, offsetIndex.count - 1);
    let hasTime = false;
    while (!hasTime && cursor.next()) hasTime = batch.maxTimestamp(cursor.bytes, cursor.at) >= 0;
    return !hasTime;
  }
  if (!isTimeEntry(segment, cursor, entry, note)) return false;
  if (cursor.isBroken) return true;
  const lastIndexed = offsetIndex.count === 0 ? 0 : offsetIndex.positionOf(offsetIndex.count - 1);
  if (lastIndexed > cursor.nextPosition && lastIndexed < writtenBytes) cursor.start(log, lastIndexed, writtenBytes);
  const largest = timeIndex.timestampOf(entry);
  while (cursor.next()) {
    if (batch.maxTimestamp(cursor.bytes, cursor.at) > largest && batch.isBatchValid(cursor.read())) return false;
  }
  return true;
}

/** Whether the batch that the entry of the time index names has its timestamp. True where it cannot be read: the log is damaged. */
export function isTimeEntry(segment: SearchedSegment, cursor: BatchCursor, entry: number, note: SearchNote): boolean {
  const offset = segment.timeIndex.offsetOf(entry);
  if (offset < segment.baseOffset || offset >= segment.nextBaseOffset) return false;
  try {
    if (!seekBatch(segment, cursor, offset, HOLES_ANYWHERE, note)) return false;
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
    cursor.isBroken = true;
    return true;
  }
  const { bytes, at } = cursor;
  const isThere =
    batch.baseOffset(bytes, at) <= offset && batch.maxTimestamp(bytes, at) === segment.timeIndex.timestampOf(entry);
  // Its header may be what is damaged.
  return isThere || !batch.isBatchValid(cursor.read());
}
