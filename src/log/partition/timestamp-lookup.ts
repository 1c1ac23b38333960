// Offsets by timestamp, for ListOffsets (Kafka's UnifiedLog.fetchOffsetByTimestamp): the first segment whose largest
// timestamp is late enough, the time index, the offset index, then batch by batch, and in the batch record by record. What
// cannot be read, and could be the answer, is answered with CORRUPT_MESSAGE.
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { CompressionError, codecReady, loadCodec } from '../../protocol/compression/index.ts';
import { BatchCursor } from '../segments/batch-cursor.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { LogState } from './log-state.ts';
import type { Segment } from '../segments/segment.ts';
import { damageAt, isInPlace } from '../segments/segment-search.ts';
import { SlicedWork } from '../sliced-work.ts';

/** So many bytes of batches that are passed over have their checksum looked at: more than lie between two index entries. */
const CHECKED_BYTES = 1024 * 1024;

const NO_LEADER_EPOCH = -1;

export interface TimestampAndOffset {
  readonly timestamp: Int64;
  readonly offset: number;
  /** -1 when the batch has none. */
  readonly leaderEpoch: number;
}

/** The first record at or behind the log start whose timestamp is `timestamp` or later. Rejects with DamagedLogError, DiskError. */
export async function findByTimestamp(state: LogState, timestamp: Int64): Promise<TimestampAndOffset | undefined> {
  const { segments } = state;
  for (let from = state.logStartOffset; from < Number.MAX_SAFE_INTEGER; ) {
    // Looked for each time: the cleaner may have put one in the place of several meanwhile.
    const segment = segments.at(Math.max(0, segments.floorIndex(from))) as Segment;
    // Records without a time, as those of format 0, are taken to be as late as the last write of their file; what stands behind
    // them is not asked (Kafka's LogSegment.largestTimestamp, and UnifiedLog's choice of the first segment).
    const hasNoTimes = segment.sizeBytes > 0 && segment.maxTimestamp < 0;
    const latest = hasNoTimes ? segment.ageTimestamp : segment.maxTimestamp;
    if (latest >= timestamp) {
      const found = await findInSegment(state, segment, timestamp);
      if (found !== undefined || hasNoTimes) return found;
    }
    refuseUnseen(state, segment, segment === segments.active);
    from = segment.nextBaseOffset;
  }
  return undefined;
}

/** A segment without an answer is passed over; what has been lost of it could have been one. */
function refuseUnseen(state: LogState, segment: Segment, isActive: boolean): void {
  if (segment.damagedAt >= 0)
    throw new DamagedLogError(segment.log.path, segment.damagedAt, 'there is no batch of records');
  if (isActive || segment.nextBaseOffset <= state.holesBelow || segment.isComplete) return;
  const reason = `it ends before offset ${segment.nextBaseOffset}, where the next segment begins`;
  throw new DamagedLogError(segment.log.path, segment.writtenBytes, reason);
}

async function findInSegment(
  state: LogState,
  segment: Segment,
  timestamp: Int64,
): Promise<TimestampAndOffset | undefined> {
  const { holesBelow, logStartOffset } = state;
  const from = Math.max(segment.offsetBefore(timestamp), logStartOffset);
  const start = segment.seek(from, holesBelow);
  if (start === undefined) return undefined;
  const work = new SlicedWork(state.environment.clock);
  const cursor = new BatchCursor().start(segment.log, start.position, segment.writtenBytes);
  let expected = batch.baseOffset(start.bytes, start.at);
  let checkedBytes = 0;
  while (cursor.next()) {
    if (!isInPlace(segment, cursor, expected, holesBelow)) throw damageAt(segment, cursor);
    expected = batch.lastOffset(cursor.bytes, cursor.at) + 1;
    const isLateEnough = batch.maxTimestamp(cursor.bytes, cursor.at) >= timestamp;
    if (isLateEnough || checkedBytes < CHECKED_BYTES) {
      checkedBytes += cursor.sizeBytes;
      const bytes = wholeBatch(segment, cursor);
      const found = isLateEnough ? await firstRecord(bytes, logStartOffset, timestamp) : undefined;
      if (found !== undefined) return found;
    }
    if (work.isDue) await work.pause();
  }
  if (cursor.isBroken) throw damageAt(segment, cursor);
  return undefined;
}

/** Throws DamagedLogError when its checksum is wrong. */
function wholeBatch(segment: Segment, cursor: BatchCursor): Buffer {
  const bytes = cursor.read();
  if (bytes.length === cursor.sizeBytes && batch.isBatchValid(bytes)) return bytes;
  throw new DamagedLogError(segment.log.path, cursor.position, 'the batch there does not match its checksum');
}

/**
 * The record with the largest timestamp, the first of them; undefined in an empty log. Rejects with DamagedLogError, DiskError.
 */
export async function findMaxTimestamp(state: LogState): Promise<TimestampAndOffset | undefined> {
  let latest: Segment | undefined;
  for (const segment of state.segments) {
    if (segment.sizeBytes > 0 && (latest === undefined || segment.maxTimestamp > latest.maxTimestamp)) latest = segment;
    refuseUnseen(state, segment, segment === state.segments.active);
  }
  if (latest === undefined || latest.maxTimestamp < 0) return undefined;
  const wanted = latest.maxTimestamp;
  const start = latest.seek(latest.offsetOfMaxTimestamp, state.holesBelow);
  if (start === undefined) return undefined;
  const cursor = new BatchCursor().start(latest.log, start.position, latest.writtenBytes);
  while (cursor.next()) {
    if (batch.maxTimestamp(cursor.bytes, cursor.at) === wanted) {
      return firstRecord(wholeBatch(latest, cursor), 0, wanted);
    }
  }
  if (cursor.isBroken) throw damageAt(latest, cursor);
  return undefined;
}

/** A batch whose inside cannot be read answers with itself: its last offset, as Kafka's index would point there. */
async function firstRecord(
  bytes: Buffer,
  startOffset: number,
  timestamp: Int64,
): Promise<TimestampAndOffset | undefined> {
  const isLegacy = batch.magic(bytes) < batch.MAGIC_V2;
  const leaderEpoch = isLegacy ? NO_LEADER_EPOCH : batch.partitionLeaderEpoch(bytes);
  try {
    const codec = isLegacy ? 0 : batch.compression(bytes);
    if (codec !== 0 && !codecReady(codec)) await loadCodec(codec);
    for (const record of batch.recordsOf(bytes)) {
      if (record.timestamp >= timestamp && record.offset >= startOffset) {
        return { timestamp: record.timestamp, offset: record.offset, leaderEpoch };
      }
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof batch.InvalidRecordError) && !(error instanceof CompressionError)) throw error;
    const header = isLegacy ? batch.legacyHeader(bytes) : bytes;
    const offset = Math.max(batch.baseOffset(header), startOffset);
    return { timestamp: batch.maxTimestamp(header), offset, leaderEpoch };
  }
}
