// Record batch v2 as it stands in a buffer: header fields are read and patched in place, nothing is copied.
// Kafka's DefaultRecordBatch; layout in KIP-98. Offsets are bytes from the start of the batch; the checksum covers
// everything from ATTRIBUTES on, so base offset and leader epoch may be patched without touching it.
import type { Int64 } from '../int64.ts';

export const BASE_OFFSET = 0;
export const BATCH_LENGTH = 8;
export const PARTITION_LEADER_EPOCH = 12;
export const MAGIC = 16;
export const CRC = 17;
export const ATTRIBUTES = 21;
export const LAST_OFFSET_DELTA = 23;
export const BASE_TIMESTAMP = 27;
export const MAX_TIMESTAMP = 35;
export const PRODUCER_ID = 43;
export const PRODUCER_EPOCH = 51;
export const BASE_SEQUENCE = 53;
export const RECORDS_COUNT = 57;
/** Bytes before the first record. */
export const HEADER_SIZE = 61;
/** Base offset and length: what stands before the part that `batchLength` counts. */
export const LOG_OVERHEAD = 12;
export const MAGIC_V2 = 2;

export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;

export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
export const NO_TIMESTAMP = -1;

export function int16At(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16;
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Two 32-bit halves as a double; exact up to 2^53, which the offsets of a log do not pass. */
export function int64At(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0);
}

/** For what clients choose: timestamps and producer ids. */
export function exactInt64At(bytes: Uint8Array, at: number): Int64 {
  const near = int64At(bytes, at);
  if (near <= Number.MAX_SAFE_INTEGER && near >= Number.MIN_SAFE_INTEGER) return near;
  return (BigInt(int32At(bytes, at)) << 32n) | BigInt(int32At(bytes, at + 4) >>> 0);
}

export function putInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

export function putInt64(bytes: Uint8Array, at: number, value: Int64): void {
  if (typeof value === 'bigint') {
    putInt32(bytes, at, Number(BigInt.asIntN(32, value >> 32n)));
    putInt32(bytes, at + 4, Number(BigInt.asIntN(32, value)));
    return;
  }
  putInt32(bytes, at, Math.floor(value / 0x1_0000_0000));
  putInt32(bytes, at + 4, (value % 0x1_0000_0000) | 0);
}

export const baseOffset = (bytes: Uint8Array, at = 0): number => int64At(bytes, at + BASE_OFFSET);
/** Bytes of the whole batch, header and length field included. */
export const sizeInBytes = (bytes: Uint8Array, at = 0): number => LOG_OVERHEAD + int32At(bytes, at + BATCH_LENGTH);
export const partitionLeaderEpoch = (bytes: Uint8Array, at = 0): number => int32At(bytes, at + PARTITION_LEADER_EPOCH);
export const magic = (bytes: Uint8Array, at = 0): number => bytes[at + MAGIC] as number;
export const checksum = (bytes: Uint8Array, at = 0): number => int32At(bytes, at + CRC) >>> 0;
export const attributes = (bytes: Uint8Array, at = 0): number => int16At(bytes, at + ATTRIBUTES);
export const compression = (bytes: Uint8Array, at = 0): number =>
  (bytes[at + ATTRIBUTES + 1] as number) & COMPRESSION_MASK;
export const isTransactional = (bytes: Uint8Array, at = 0): boolean =>
  ((bytes[at + ATTRIBUTES + 1] as number) & TRANSACTIONAL_FLAG) !== 0;
export const isControl = (bytes: Uint8Array, at = 0): boolean =>
  ((bytes[at + ATTRIBUTES + 1] as number) & CONTROL_FLAG) !== 0;
export const lastOffsetDelta = (bytes: Uint8Array, at = 0): number => int32At(bytes, at + LAST_OFFSET_DELTA);
export const lastOffset = (bytes: Uint8Array, at = 0): number => baseOffset(bytes, at) + lastOffsetDelta(bytes, at);
export const baseTimestamp = (bytes: Uint8Array, at = 0): Int64 => exactInt64At(bytes, at + BASE_TIMESTAMP);
export const maxTimestamp = (bytes: Uint8Array, at = 0): Int64 => exactInt64At(bytes, at + MAX_TIMESTAMP);
export const producerId = (bytes: Uint8Array, at = 0): Int64 => exactInt64At(bytes, at + PRODUCER_ID);
export const producerEpoch = (bytes: Uint8Array, at = 0): number => int16At(bytes, at + PRODUCER_EPOCH);
export const baseSequence = (bytes: Uint8Array, at = 0): number => int32At(bytes, at + BASE_SEQUENCE);
export const recordsCount = (bytes: Uint8Array, at = 0): number => int32At(bytes, at + RECORDS_COUNT);

/** The sequence of the last record; sequences wrap from 2^31 - 1 to 0 (KIP-98). */
export function lastSequence(bytes: Uint8Array, at = 0): number {
  const first = baseSequence(bytes, at);
  return first === NO_SEQUENCE ? NO_SEQUENCE : (first + lastOffsetDelta(bytes, at)) % 0x8000_0000;
}
