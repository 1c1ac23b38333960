// Builds batches v2 from records, uncompressed ones byte for byte as Kafka's MemoryRecordsBuilder does. For what the broker
// writes itself (coordinator, metadata and control records), for recompression, and for tests.
import { compress, Codecs, type CodecId } from '../compression/index.ts';
import { type Int64, subtractInt64 } from '../int64.ts';
import * as batch from './batch.ts';
import { updateChecksum } from './batch-patch.ts';

export interface HeaderInput {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface RecordInput {
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  /** Default NO_TIMESTAMP, -1. A bigint only where it lies beyond 2^53. */
  readonly timestamp?: Int64;
  readonly headers?: readonly HeaderInput[];
  /** Default: the record's index. */
  readonly offsetDelta?: number;
}

export interface BatchOptions {
  readonly baseOffset?: Int64;
  readonly leaderEpoch?: number;
  readonly codec?: CodecId;
  /** In the scale of the codec; its default is Kafka's. */
  readonly compressionLevel?: number | undefined;
  /** Given: the batch is of log append time, and this is it. */
  readonly logAppendTimeMs?: Int64 | undefined;
  readonly producerId?: Int64;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** Given: it takes the place of the base timestamp (KIP-534). */
  readonly deleteHorizonMs?: Int64 | undefined;
  /** Default: that of the last record. A batch that lost records to compaction keeps its own. */
  readonly lastOffsetDelta?: number;
  /** Default: the first record's timestamp. */
  readonly baseTimestamp?: Int64;
  /** Default: the largest of the records'. */
  readonly maxTimestamp?: Int64;
}

/**
 * One batch of `records`, in a buffer of its own. Without records it is the empty batch that compaction leaves behind.
 * Throws CompressionError when the codec is not loaded.
 */
export function buildBatch(records: readonly RecordInput[], options: BatchOptions = {}): Buffer {
  const codec = options.codec ?? Codecs.NONE;
  const baseTimestamp = options.deleteHorizonMs ?? options.baseTimestamp ?? records[0]?.timestamp ?? batch.NO_TIMESTAMP;
  const areaSize = sizeOfArea(records, baseTimestamp);
  const bytes = Buffer.allocUnsafe(batch.HEADER_SIZE + areaSize);
  let at = batch.HEADER_SIZE;
  for (let i = 0; i < records.length; i++) at = putRecord(bytes, at, records[i] as RecordInput, i, baseTimestamp);
  if (codec === Codecs.NONE || records.length === 0) return finish(bytes, records, options, baseTimestamp);
  const packed = compress(codec, bytes.subarray(batch.HEADER_SIZE), options.compressionLevel);
  const whole = Buffer.allocUnsafe(batch.HEADER_SIZE + packed.length);
  whole.set(packed, batch.HEADER_SIZE);
  return finish(whole, records, options, baseTimestamp);
}

function finish(bytes: Buffer, records: readonly RecordInput[], options: BatchOptions, baseTimestamp: Int64): Buffer {
  const last = records.at(-1);
  batch.putInt64(bytes, batch.BASE_OFFSET, options.baseOffset ?? 0);
  batch.putInt32(bytes, batch.BATCH_LENGTH, bytes.length - batch.LOG_OVERHEAD);
  batch.putInt32(bytes, batch.PARTITION_LEADER_EPOCH, options.leaderEpoch ?? -1);
  bytes[batch.MAGIC] = batch.MAGIC_V2;
  batch.putInt16(bytes, batch.ATTRIBUTES, attributesOf(options));
  const lastDelta = options.lastOffsetDelta ?? last?.offsetDelta ?? Math.max(0, records.length - 1);
  batch.putInt32(bytes, batch.LAST_OFFSET_DELTA, lastDelta);
  batch.putInt64(bytes, batch.BASE_TIMESTAMP, baseTimestamp);
  batch.putInt64(
    bytes,
    batch.MAX_TIMESTAMP,
    options.logAppendTimeMs ?? options.maxTimestamp ?? largestTimestamp(records),
  );
  batch.putInt64(bytes, batch.PRODUCER_ID, options.producerId ?? batch.NO_PRODUCER_ID);
  batch.putInt16(bytes, batch.PRODUCER_EPOCH, options.producerEpoch ?? -1);
  batch.putInt32(bytes, batch.BASE_SEQUENCE, options.baseSequence ?? batch.NO_SEQUENCE);
  batch.putInt32(bytes, batch.RECORDS_COUNT, records.length);
  updateChecksum(bytes);
  return bytes;
}

function attributesOf(options: BatchOptions): number {
  let attributes: number = options.codec ?? Codecs.NONE;
  if (options.logAppendTimeMs !== undefined) attributes |= batch.LOG_APPEND_TIME_FLAG;
  if (options.isTransactional === true) attributes |= batch.TRANSACTIONAL_FLAG;
  if (options.isControl === true) attributes |= batch.CONTROL_FLAG;
  if (options.deleteHorizonMs !== undefined) attributes |= batch.DELETE_HORIZON_FLAG;
  return attributes;
}

function largestTimestamp(records: readonly RecordInput[]): Int64 {
  let largest: Int64 = batch.NO_TIMESTAMP;
  for (const { timestamp } of records) if (timestamp !== undefined && timestamp > largest) largest = timestamp;
  return largest;
}

function sizeOfArea(records: readonly RecordInput[], baseTimestamp: Int64): number {
  let total = 0;
  for (let i = 0; i < records.length; i++) {
    const body = sizeOfBody(records[i] as RecordInput, i, baseTimestamp);
    total += sizeOfVarint(body) + body;
  }
  return total;
}

function sizeOfBody(record: RecordInput, index: number, baseTimestamp: Int64): number {
  let size = 1 + sizeOfVarlong(timestampDelta(record, baseTimestamp)) + sizeOfVarint(record.offsetDelta ?? index);
  size += sizeOfBytes(record.key) + sizeOfBytes(record.value);
  const headers = record.headers ?? [];
  size += sizeOfVarint(headers.length);
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key);
    size += sizeOfVarint(keyLength) + keyLength + sizeOfBytes(header.value);
  }
  return size;
}

function putRecord(bytes: Buffer, start: number, record: RecordInput, index: number, baseTimestamp: Int64): number {
  let at = putVarint(bytes, start, sizeOfBody(record, index, baseTimestamp));
  bytes[at++] = 0;
  at = putVarlong(bytes, at, timestampDelta(record, baseTimestamp));
  at = putVarint(bytes, at, record.offsetDelta ?? index);
  at = putBytes(bytes, at, record.key);
  at = putBytes(bytes, at, record.value);
  const headers = record.headers ?? [];
  at = putVarint(bytes, at, headers.length);
  for (const header of headers) {
    at = putVarint(bytes, at, Buffer.byteLength(header.key));
    at += bytes.write(header.key, at, 'utf8');
    at = putBytes(bytes, at, header.value);
  }
  return at;
}

function timestampDelta(record: RecordInput, baseTimestamp: Int64): Int64 {
  return subtractInt64(record.timestamp ?? batch.NO_TIMESTAMP, baseTimestamp);
}

function sizeOfBytes(value: Uint8Array | null | undefined): number {
  return value == null ? 1 : sizeOfVarint(value.length) + value.length;
}

export function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

export function sizeOfVarlong(value: Int64): number {
  if (typeof value === 'number' && value === (value | 0)) return sizeOfVarint(value);
  let size = 1;
  for (let rest = zigzag64(value) >> 7n; rest !== 0n; rest >>= 7n) size++;
  return size;
}

function zigzag64(value: Int64): bigint {
  const wide = BigInt(value);
  return BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
}

export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let position = at;
  while (zigzag > 0x7f) {
    bytes[position++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  bytes[position++] = zigzag;
  return position;
}

export function putVarlong(bytes: Uint8Array, at: number, value: Int64): number {
  if (typeof value === 'number' && value === (value | 0)) return putVarint(bytes, at, value);
  let rest = zigzag64(value);
  let position = at;
  while (rest > 0x7fn) {
    bytes[position++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[position++] = Number(rest);
  return position;
}

function putBytes(bytes: Uint8Array, at: number, value: Uint8Array | null | undefined): number {
  if (value == null) return putVarint(bytes, at, -1);
  const position = putVarint(bytes, at, value.length);
  bytes.set(value, position);
  return position + value.length;
}
