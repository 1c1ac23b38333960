// Builds the offset and time index of a segment anew from the batches in it, by their headers (what Kafka's LogSegment.recover
// does, without cutting anything off). Where the segment itself is damaged the walk goes on at the next entry of the old index
// behind which a whole batch stands, so that what is readable stays readable.
import * as batch from '../../protocol/records/index.ts';
import type { BatchCursor } from './batch-cursor.ts';
import type { OffsetIndex } from './offset-index.ts';
import { HOLES_ANYWHERE, isInPlace, type SearchedSegment } from './segment-search.ts';
import { NO_TIMESTAMP } from './time-index.ts';

/** Kafka's index.interval.bytes. */
const INTERVAL_BYTES = 4096;
const BATCHES_PER_STEP = 4096;

interface Entry {
  readonly lastOffset: number;
  readonly position: number;
  readonly maxTimestamp: number;
  readonly offsetOfMaxTimestamp: number;
}

export interface RebuiltIndexes {
  readonly maxTimestamp: number;
  readonly offsetOfMaxTimestamp: number;
  readonly bytesSinceEntry: number;
  /** Where something stands that is no batch; -1: nowhere. */
  readonly damagedAt: number;
}

/** Throws DiskError. Yields now and then; nothing may be appended to the segment meanwhile. */
export function* rebuildIndexes(segment: SearchedSegment, cursor: BatchCursor): Generator<void, RebuiltIndexes, void> {
  const { offsetIndex, timeIndex } = segment;
  const entries: Entry[] = [];
  const result = yield* walk(segment, cursor, entries);
  offsetIndex.reset();
  timeIndex.reset();
  for (const { lastOffset, position, maxTimestamp, offsetOfMaxTimestamp } of entries) {
    offsetIndex.append(lastOffset, position);
    timeIndex.append(maxTimestamp, offsetOfMaxTimestamp);
  }
  if (result.maxTimestamp !== NO_TIMESTAMP) timeIndex.append(result.maxTimestamp, result.offsetOfMaxTimestamp);
  offsetIndex.save();
  timeIndex.save();
  return result;
}

function* walk(segment: SearchedSegment, cursor: BatchCursor, entries: Entry[]): Generator<void, RebuiltIndexes, void> {
  let maxTimestamp = NO_TIMESTAMP;
  let offsetOfMaxTimestamp = segment.baseOffset;
  let bytesSinceEntry = 0;
  let damagedAt = -1;
  let countdown = BATCHES_PER_STEP;
  let expected = segment.baseOffset;
  cursor.start(segment.log, 0, segment.writtenBytes);
  for (;;) {
    if (!cursor.next() || !isInPlace(segment, cursor, expected, HOLES_ANYWHERE)) {
      const brokenAt = cursor.isBroken ? cursor.nextPosition : cursor.position;
      if (brokenAt >= segment.writtenBytes) break;
      if (damagedAt < 0) damagedAt = brokenAt;
      if (!findBehind(segment, cursor, brokenAt, expected)) break;
      bytesSinceEntry = INTERVAL_BYTES + 1;
    }
    const lastOffset = batch.lastOffset(cursor.bytes, cursor.at);
    const timestamp = batch.maxTimestamp(cursor.bytes, cursor.at);
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      offsetOfMaxTimestamp = lastOffset;
    }
    if (bytesSinceEntry > INTERVAL_BYTES) {
      entries.push({ lastOffset, position: cursor.position, maxTimestamp, offsetOfMaxTimestamp });
      bytesSinceEntry = 0;
    }
    bytesSinceEntry += cursor.sizeBytes;
    expected = lastOffset + 1;
    if (--countdown > 0) continue;
    countdown = BATCHES_PER_STEP;
    yield;
  }
  return { maxTimestamp, offsetOfMaxTimestamp, bytesSinceEntry, damagedAt };
}

/** Places the cursor on the whole batch that the first sound entry behind `position` points to; false when there is none. */
function findBehind(segment: SearchedSegment, cursor: BatchCursor, position: number, expected: number): boolean {
  const index: OffsetIndex = segment.offsetIndex;
  for (let entry = 0; entry < index.count; entry++) {
    const at = index.positionOf(entry);
    if (at <= position || at >= segment.writtenBytes) continue;
    if (!cursor.start(segment.log, at, segment.writtenBytes).next()) continue;
    const isNamed = batch.lastOffset(cursor.bytes, cursor.at) === index.offsetOf(entry);
    if (!isNamed || !isInPlace(segment, cursor, expected, HOLES_ANYWHERE)) continue;
    if (batch.isBatchValid(cursor.read())) return true;
  }
  return false;
}
