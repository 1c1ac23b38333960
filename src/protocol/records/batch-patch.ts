// The fields of a batch header that a broker changes in place: Kafka's MutableRecordBatch. Those under the checksum
// (everything from the attributes on) recompute it, once.
import type { Int64 } from '../int64.ts';
import {
  ATTRIBUTES,
  attributes,
  BASE_OFFSET,
  CRC,
  lastOffsetDelta,
  LOG_APPEND_TIME_FLAG,
  MAX_TIMESTAMP,
  maxTimestamp,
  PARTITION_LEADER_EPOCH,
  putInt16,
  putInt32,
  putInt64,
  sizeInBytes,
} from './batch.ts';
import { crc32c } from './crc32c.ts';

/** Attribute bits that have a meaning; Kafka drops the others whenever it writes the attributes anew. */
const KNOWN_ATTRIBUTES = 0x7f;

export function setBaseOffset(bytes: Uint8Array, offset: number, at = 0): void {
  putInt64(bytes, at + BASE_OFFSET, offset);
}

/** Sets the base offset so that the batch ends at `offset`. */
export function setLastOffset(bytes: Uint8Array, offset: number, at = 0): void {
  putInt64(bytes, at + BASE_OFFSET, offset - lastOffsetDelta(bytes, at));
}

export function setLeaderEpoch(bytes: Uint8Array, epoch: number, at = 0): void {
  putInt32(bytes, at + PARTITION_LEADER_EPOCH, epoch);
}

/** Sets timestamp type and max timestamp, and the checksum if either changes. Returns whether one did. */
export function setMaxTimestamp(bytes: Buffer, timestamp: Int64, isLogAppendTime: boolean, at = 0): boolean {
  const before = attributes(bytes, at);
  const hadLogAppendTime = (before & LOG_APPEND_TIME_FLAG) !== 0;
  if (hadLogAppendTime === isLogAppendTime && maxTimestamp(bytes, at) === timestamp) return false;
  const known = before & KNOWN_ATTRIBUTES & ~LOG_APPEND_TIME_FLAG;
  putInt16(bytes, at + ATTRIBUTES, isLogAppendTime ? known | LOG_APPEND_TIME_FLAG : known);
  putInt64(bytes, at + MAX_TIMESTAMP, timestamp);
  updateChecksum(bytes, at);
  return true;
}

export function updateChecksum(bytes: Uint8Array, at = 0): void {
  putInt32(bytes, at + CRC, crc32c(bytes, 0, at + ATTRIBUTES, at + sizeInBytes(bytes, at)));
}
