// Record batches of the metadata log: uncompressed, without keys, headers or producers, all records of one timestamp.
// Written in one buffer; read as views on the bytes that came from the log.
import { type Int64, Reader } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { type ControlRecord, decodeControlRecord, encodeControlRecord } from './control-records.ts';

/** Kafka's limit for one batch of the metadata log. */
export const MAX_BATCH_SIZE = 8 * 1024 * 1024;

export interface BatchHeader {
  readonly baseOffset: number;
  readonly epoch: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: Int64;
}

/** A batch as it was read; control batches have no values, data batches no control records. */
export interface ReadBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  readonly timestamp: Int64;
  readonly sizeInBytes: number;
  readonly values: readonly Uint8Array[];
  readonly controlRecords: readonly ControlRecord[];
}

/** The log or a snapshot holds what no Kafka writes there. */
export class CorruptBatchError extends Error {
  override readonly name = 'CorruptBatchError';
}

/** What a record costs beside its value, at most: length, attributes, deltas, key length, value length, header count. */
export const MAX_RECORD_OVERHEAD = 5 + 1 + 1 + 5 + 5 + 5 + 1;

export function dataBatch(header: BatchHeader, values: readonly Uint8Array[]): Buffer {
  let sizeBound = batch.HEADER_SIZE;
  for (const value of values) sizeBound += value.length + MAX_RECORD_OVERHEAD;
  const target = Buffer.allocUnsafe(sizeBound);
  let at = batch.HEADER_SIZE;
  for (let index = 0; index < values.length; index++) {
    at = putRecord(target, at, index, undefined, values[index] as Uint8Array);
  }
  return finishBatch(target, at, header, { count: values.length, attributes: 0 });
}

export function controlBatch(header: BatchHeader, records: readonly ControlRecord[]): Buffer {
  const encoded = records.map(encodeControlRecord);
  let sizeBound = batch.HEADER_SIZE;
  for (const { key, value } of encoded) sizeBound += key.length + value.length + MAX_RECORD_OVERHEAD;
  const target = Buffer.allocUnsafe(sizeBound);
  let at = batch.HEADER_SIZE;
  encoded.forEach(({ key, value }, index) => {
    at = putRecord(target, at, index, key, value);
  });
  return finishBatch(target, at, header, { count: records.length, attributes: batch.CONTROL_FLAG });
}

/** Batches one after the other, checksums verified. Throws CorruptBatchError, also for a batch that is cut off. */
export function* readBatches(bytes: Buffer): Generator<ReadBatch> {
  for (let at = 0; at < bytes.length; ) {
    const size = wholeBatchSize(bytes, at);
    yield readBatch(bytes.subarray(at, at + size));
    at += size;
  }
}

/** Does what `readBatches` does, but passes over data batches without looking into them. */
export function* readControlBatches(bytes: Buffer): Generator<ReadBatch> {
  for (let at = 0; at < bytes.length; ) {
    const size = wholeBatchSize(bytes, at);
    if (batch.isControl(bytes, at)) yield readBatch(bytes.subarray(at, at + size));
    at += size;
  }
}

/** The offset behind the last batch; undefined when there is none. */
export function endOffsetOf(bytes: Buffer): number | undefined {
  let endOffset: number | undefined;
  for (let at = 0; at < bytes.length; at += wholeBatchSize(bytes, at)) endOffset = batch.lastOffset(bytes, at) + 1;
  return endOffset;
}

function wholeBatchSize(bytes: Buffer, at: number): number {
  const left = bytes.length - at;
  const size = left < batch.HEADER_SIZE ? Number.POSITIVE_INFINITY : batch.sizeInBytes(bytes, at);
  if (size < batch.HEADER_SIZE || size > left) throw new CorruptBatchError(`a batch is cut off after ${left} bytes`);
  return size;
}

function readBatch(bytes: Buffer): ReadBatch {
  const baseOffset = batch.baseOffset(bytes);
  if (batch.magic(bytes) !== batch.MAGIC_V2 || batch.compression(bytes) !== 0) {
    throw new CorruptBatchError(`the batch at offset ${baseOffset} is not an uncompressed batch of version 2`);
  }
  if (batch.checksum(bytes) !== batch.crc32c(bytes, 0, batch.ATTRIBUTES, bytes.length)) {
    throw new CorruptBatchError(`the batch at offset ${baseOffset} does not match its checksum`);
  }
  const isControl = batch.isControl(bytes);
  const values: Uint8Array[] = [];
  const controlRecords: ControlRecord[] = [];
  const reader = new Reader(bytes, batch.HEADER_SIZE);
  const count = batch.recordsCount(bytes);
  for (let index = 0; index < count; index++) {
    const { key, value } = readRecord(reader, bytes);
    if (!isControl) {
      values.push(value);
      continue;
    }
    const record = decodeControlRecord(key, value);
    if (record !== undefined) controlRecords.push(record);
  }
  return {
    baseOffset,
    lastOffset: batch.lastOffset(bytes),
    epoch: batch.partitionLeaderEpoch(bytes),
    timestamp: batch.maxTimestamp(bytes),
    sizeInBytes: bytes.length,
    values,
    controlRecords,
  };
}

const NO_BYTES = new Uint8Array(0);

/** Key and value as views; headers never occur in this log and are passed over. Throws DecodeError. */
function readRecord(reader: Reader, bytes: Buffer): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const size = reader.varint();
  const end = reader.position + size;
  if (size < 0 || end > bytes.length) throw new CorruptBatchError(`a record claims ${size} bytes`);
  reader.position += 1;
  skipVarint(reader, bytes);
  skipVarint(reader, bytes);
  const key = readField(reader, bytes, end);
  const value = readField(reader, bytes, end);
  reader.position = end;
  return { key, value };
}

/** Deltas: in this log the timestamp delta is 0 and offsets count up, so neither is looked at. */
function skipVarint(reader: Reader, bytes: Buffer): void {
  let at = reader.position;
  while (((bytes[at] ?? 0) & 0x80) !== 0) at++;
  reader.position = at + 1;
}

function readField(reader: Reader, bytes: Buffer, recordEnd: number): Uint8Array {
  const size = reader.varint();
  if (size < 0) return NO_BYTES;
  const start = reader.position;
  if (start + size > recordEnd) throw new CorruptBatchError(`a field of ${size} bytes runs over its record`);
  reader.position = start + size;
  return bytes.subarray(start, start + size);
}

function putRecord(
  target: Buffer,
  at: number,
  offsetDelta: number,
  key: Uint8Array | undefined,
  value: Uint8Array,
): number {
  const keySize = key === undefined ? 1 : varintSize(key.length) + key.length;
  const bodySize = 1 + 1 + varintSize(offsetDelta) + keySize + varintSize(value.length) + value.length + 1;
  at = putVarint(target, at, bodySize);
  target[at++] = 0;
  at = putVarint(target, at, 0);
  at = putVarint(target, at, offsetDelta);
  at = putVarint(target, at, key === undefined ? -1 : key.length);
  if (key !== undefined) {
    target.set(key, at);
    at += key.length;
  }
  at = putVarint(target, at, value.length);
  target.set(value, at);
  at += value.length;
  return putVarint(target, at, 0);
}

function finishBatch(
  target: Buffer,
  end: number,
  header: BatchHeader,
  facts: { readonly count: number; readonly attributes: number },
): Buffer {
  batch.putInt64(target, batch.BASE_OFFSET, header.baseOffset);
  batch.putInt32(target, batch.BATCH_LENGTH, end - batch.LOG_OVERHEAD);
  batch.putInt32(target, batch.PARTITION_LEADER_EPOCH, header.epoch);
  target[batch.MAGIC] = batch.MAGIC_V2;
  batch.putInt16(target, batch.ATTRIBUTES, facts.attributes);
  batch.putInt32(target, batch.LAST_OFFSET_DELTA, facts.count - 1);
  batch.putInt64(target, batch.BASE_TIMESTAMP, header.timestamp);
  batch.putInt64(target, batch.MAX_TIMESTAMP, header.timestamp);
  batch.putInt64(target, batch.PRODUCER_ID, batch.NO_PRODUCER_ID);
  batch.putInt16(target, batch.PRODUCER_EPOCH, -1);
  batch.putInt32(target, batch.BASE_SEQUENCE, batch.NO_SEQUENCE);
  batch.putInt32(target, batch.RECORDS_COUNT, facts.count);
  batch.putInt32(target, batch.CRC, batch.crc32c(target, 0, batch.ATTRIBUTES, end));
  return target.subarray(0, end);
}

/** Zig-zag varints, as record fields have them; the values here are lengths and small deltas. */
function putVarint(target: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = ((value << 1) ^ (value >> 31)) >>> 7; rest !== 0; rest >>>= 7) size++;
  return size;
}
