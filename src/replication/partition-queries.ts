// What is asked about a partition besides its records: offsets by time, ends of epochs, its producers; and the deletion of
// records. Each answers with an error code and values, never by throwing, unless the disk fails.
import { Errors, type Int64 } from '../protocol/index.ts';
import type { Partition } from './partition.ts';

/** ListOffsets' special timestamps (ListOffsetsRequest.java). */
export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;
export const MAX_TIMESTAMP = -3;
export const EARLIEST_LOCAL_TIMESTAMP = -4;
export const LATEST_TIERED_TIMESTAMP = -5;
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6;

export interface ListedOffset {
  readonly errorCode: number;
  readonly timestamp: Int64;
  readonly offset: number;
  readonly leaderEpoch: number;
}

const NOTHING_FOUND: ListedOffset = { errorCode: Errors.NONE, timestamp: -1, offset: -1, leaderEpoch: -1 };

export interface OffsetQuery {
  readonly timestamp: Int64;
  readonly currentLeaderEpoch: number;
  readonly isReadCommitted: boolean;
  /** Not a client: it sees up to the log end. */
  readonly isReplica: boolean;
  /** Whoever debugs may ask any replica (replica id -2). */
  readonly leaderOnly: boolean;
}

const failed = (errorCode: number): ListedOffset => ({ errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 });

/** The offset that belongs to a timestamp; a promise only where segments have to be read. Rejects with DiskError, KafkaError. */
export function listOffset(partition: Partition, query: OffsetQuery): ListedOffset | Promise<ListedOffset> {
  const accessError = partition.checkAccess(query.currentLeaderEpoch, query.leaderOnly);
  if (accessError !== Errors.NONE) return failed(accessError);
  const { log } = partition;
  const readableEnd = query.isReplica
    ? log.logEndOffset
    : query.isReadCommitted
      ? log.lastStableOffset
      : log.highWatermark;
  switch (query.timestamp) {
    case LATEST_TIMESTAMP:
      if (partition.isCatchingUp && !query.isReplica) return failed(Errors.OFFSET_NOT_AVAILABLE);
      return found(-1, readableEnd, partition.leaderEpoch);
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP:
      return found(-1, log.logStartOffset, log.epochOf(log.logStartOffset));
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return NOTHING_FOUND;
    default:
      return search(partition, query, readableEnd);
  }
}

function found(timestamp: Int64, offset: number, leaderEpoch: number): ListedOffset {
  return { errorCode: Errors.NONE, timestamp, offset, leaderEpoch };
}

async function search(partition: Partition, query: OffsetQuery, readableEnd: number): Promise<ListedOffset> {
  const { log } = partition;
  const hit =
    query.timestamp === MAX_TIMESTAMP ? await log.maxTimestampOffset() : await log.offsetForTimestamp(query.timestamp);
  if (hit !== undefined && hit.offset < readableEnd) return found(hit.timestamp, hit.offset, hit.leaderEpoch);
  return partition.isCatchingUp && !query.isReplica ? failed(Errors.OFFSET_NOT_AVAILABLE) : NOTHING_FOUND;
}

export interface EpochEnd {
  readonly errorCode: number;
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/** Where the largest epoch up to `leaderEpoch` ends; (-1, -1) when none is known (KIP-320). */
export function endOffsetForEpoch(partition: Partition, currentLeaderEpoch: number, leaderEpoch: number): EpochEnd {
  const errorCode = partition.checkAccess(currentLeaderEpoch, true);
  if (errorCode !== Errors.NONE) return { errorCode, leaderEpoch: -1, endOffset: -1 };
  const end = partition.log.endOffsetForEpoch(leaderEpoch);
  return { errorCode, leaderEpoch: end.leaderEpoch, endOffset: end.endOffset };
}

/** DeleteRecords' offset that stands for the high watermark. */
const UP_TO_HIGH_WATERMARK = -1;

export interface DeletionResult {
  readonly errorCode: number;
  /** The first offset that is left; -1 beside an error. */
  readonly lowWatermark: number;
}

const refused = (errorCode: number): DeletionResult => ({ errorCode, lowWatermark: -1 });

/** Moves the log start to `offset`; batches stay whole, readers skip what is below. */
export function deleteRecords(partition: Partition, offset: number): DeletionResult {
  const { log } = partition;
  if (!partition.isLeader) return refused(Errors.NOT_LEADER_OR_FOLLOWER);
  if (!log.config.cleanupPolicy.includes('delete')) return refused(Errors.POLICY_VIOLATION);
  const upTo = offset === UP_TO_HIGH_WATERMARK ? log.highWatermark : offset;
  if (upTo < 0 || upTo > log.highWatermark) return refused(Errors.OFFSET_OUT_OF_RANGE);
  const lowWatermark = log.deleteRecordsBefore(upTo);
  partition.notify();
  return { errorCode: Errors.NONE, lowWatermark };
}
