// Offsets by timestamp, for ListOffsets (Kafka's UnifiedLog.fetchOffsetByTimestamp): the first segment whose largest
// timestamp is late enough, the time index, the offset index, then batch by batch, and in the batch record by record.
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { CompressionError, codecReady, loadCodec } from '../../protocol/compression/index.ts';
import { BatchCursor } from '../segments/batch-cursor.ts';
import type { LogState } from './log-state.ts';
import type { Segment } from '../segments/segment.ts';
import { SlicedWork } from '../sliced-work.ts';

export interface TimestampAndOffset {
  readonly timestamp: Int64;
  readonly offset: number;
  /** -1 when the batch has none. */
  readonly leaderEpoch: number;
}

/** The first record at or behind the log start whose timestamp is `timestamp` or later. Rejects with DiskError. */
export async function findByTimestamp(state: LogState, timestamp: Int64): Promise<TimestampAndOffset | undefined> {
  const { segments } = state;
  for (let i = Math.max(0, segments.floorIndex(state.logStartOffset)); i < segments.count; i++) {
    const segment = segments.at(i);
    if (segment === undefined || segment.maxTimestamp < timestamp) continue;
    const found = await findInSegment(state, segment, timestamp);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findInSegment(
  state: LogState,
  segment: Segment,
  timestamp: Int64,
): Promise<TimestampAndOffset | undefined> {
  const from = Math.max(segment.timeIndex.lookup(timestamp), state.logStartOffset);
  const start = segment.seek(from);
  if (start === undefined) return undefined;
  const work = new SlicedWork(state.environment.clock);
  const cursor = new BatchCursor().start(segment.log, start.position, segment.writtenBytes);
  while (cursor.next()) {
    if (batch.maxTimestamp(cursor.bytes, cursor.at) >= timestamp) {
      const found = await firstRecord(cursor.read(), state.logStartOffset, timestamp);
      if (found !== undefined) return found;
    }
    if (work.isDue) await work.pause();
  }
  return undefined;
}

/** The record with the largest timestamp, the first of them; undefined in an empty log. Rejects with DiskError. */
export async function findMaxTimestamp(state: LogState): Promise<TimestampAndOffset | undefined> {
  let latest: Segment | undefined;
  for (const segment of state.segments) {
    if (segment.sizeBytes > 0 && (latest === undefined || segment.maxTimestamp > latest.maxTimestamp)) latest = segment;
  }
  if (latest === undefined || latest.maxTimestamp < 0) return undefined;
  const wanted = latest.maxTimestamp;
  const start = latest.seek(latest.offsetOfMaxTimestamp);
  if (start === undefined) return undefined;
  const cursor = new BatchCursor().start(latest.log, start.position, latest.writtenBytes);
  while (cursor.next()) {
    if (batch.maxTimestamp(cursor.bytes, cursor.at) === wanted) return firstRecord(cursor.read(), 0, wanted);
  }
  return undefined;
}

/** A batch whose inside cannot be read answers with itself: its last offset, as Kafka's index would point there. */
async function firstRecord(
  bytes: Buffer,
  startOffset: number,
  timestamp: Int64,
): Promise<TimestampAndOffset | undefined> {
  const leaderEpoch = batch.partitionLeaderEpoch(bytes);
  try {
    const codec = batch.compression(bytes);
    if (!codecReady(codec)) await loadCodec(codec);
    for (const record of batch.recordsOf(bytes)) {
      if (record.timestamp >= timestamp && record.offset >= startOffset) {
        return { timestamp: record.timestamp, offset: record.offset, leaderEpoch };
      }
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof batch.InvalidRecordError) && !(error instanceof CompressionError)) throw error;
    const offset = Math.max(batch.baseOffset(bytes), startOffset);
    return { timestamp: batch.maxTimestamp(bytes), offset, leaderEpoch };
  }
}
