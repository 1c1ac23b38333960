// Builds the offset and time index of a segment anew from the batches in it (what Kafka's LogSegment.recover does, without cutting
// anything off). Where the segment itself is damaged its indexes stay as they are: they tell of batches that cannot be read any
// more, and lead to those behind.
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import type { BatchCursor } from './batch-cursor.ts';
import { HOLES_ANYWHERE, isInPlace, type SearchedSegment } from './segment-search.ts';

/** Kafka's index.interval.bytes. */
const INTERVAL_BYTES = 4096;
const BYTES_PER_STEP = 1024 * 1024;

interface Entry {
  readonly lastOffset: number;
  readonly position: number;
  readonly maxTimestamp: Int64;
  readonly offsetOfMaxTimestamp: number;
}

export interface RebuiltIndexes {
  /** Up to the damage. */
  readonly maxTimestamp: Int64;
  readonly offsetOfMaxTimestamp: number;
  readonly bytesSinceEntry: number;
  /** The position of something that is no whole batch; -1: there is none. */
  readonly damagedAt: number;
}

/** Throws DiskError. Yields about once per MiB; nothing may be appended to the segment meanwhile. */
export function* rebuildIndexes(segment: SearchedSegment, cursor: BatchCursor): Generator<void, RebuiltIndexes, void> {
  const { offsetIndex, timeIndex } = segment;
  const entries: Entry[] = [];
  const result = yield* walk(segment, cursor, entries);
  if (result.damagedAt >= 0) return result;
  offsetIndex.reset();
  timeIndex.reset();
  for (const { lastOffset, position, maxTimestamp, offsetOfMaxTimestamp } of entries) {
    offsetIndex.append(lastOffset, position);
    timeIndex.append(maxTimestamp, offsetOfMaxTimestamp);
  }
  if (result.maxTimestamp !== batch.NO_TIMESTAMP) timeIndex.append(result.maxTimestamp, result.offsetOfMaxTimestamp);
  offsetIndex.save();
  timeIndex.save();
  return result;
}

function* walk(segment: SearchedSegment, cursor: BatchCursor, entries: Entry[]): Generator<void, RebuiltIndexes, void> {
  let maxTimestamp: Int64 = batch.NO_TIMESTAMP;
  let offsetOfMaxTimestamp = segment.baseOffset;
  let bytesSinceEntry = 0;
  let stepBytes = 0;
  let expected = segment.baseOffset;
  const found = (damagedAt: number): RebuiltIndexes => ({
    maxTimestamp,
    offsetOfMaxTimestamp,
    bytesSinceEntry,
    damagedAt,
  });
  cursor.start(segment.log, 0, segment.writtenBytes);
  while (cursor.next()) {
    const isWhole = isInPlace(segment, cursor, expected, HOLES_ANYWHERE) && batch.isBatchValid(cursor.read());
    if (!isWhole) return found(cursor.position);
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
    stepBytes += cursor.sizeBytes;
    if (stepBytes < BYTES_PER_STEP) continue;
    stepBytes = 0;
    yield;
  }
  return found(cursor.isBroken ? cursor.nextPosition : -1);
}
