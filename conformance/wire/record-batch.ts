// Record batches v2 as the suites see them: enough to build a batch to produce and to look into one that was fetched.

import { createRequire } from 'node:module';
import { decompress } from './decompress.ts';
import { WireReader, WireWriter } from './primitives.ts';

const { buf: crc32c } = createRequire(import.meta.url)('crc-32/crc32c.js') as { buf: (bytes: Uint8Array) => number };

const HEADER_SIZE = 61;
const LOG_OVERHEAD = 12;

export interface OutgoingBatch {
  readonly records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null }[];
  readonly timestamp: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
}

const TRANSACTIONAL = 0x10;

/** One uncompressed batch, checksum included. */
export function buildBatch(batch: OutgoingBatch): Buffer {
  const writer = new WireWriter();
  writer.int64(0).int32(0).int32(-1).int8(2).uint32(0);
  writer.int16(batch.isTransactional === true ? TRANSACTIONAL : 0);
  writer
    .int32(batch.records.length - 1)
    .int64(batch.timestamp)
    .int64(batch.timestamp);
  writer
    .int64(batch.producerId ?? -1)
    .int16(batch.producerEpoch ?? -1)
    .int32(batch.baseSequence ?? -1);
  writer.int32(batch.records.length);
  for (const [index, { key, value }] of batch.records.entries()) {
    const record = new WireWriter();
    record.int8(0).varint(0).varint(index);
    for (const bytes of [key, value]) {
      if (bytes === null) record.varint(-1);
      else record.varint(bytes.length).raw(bytes);
    }
    const body = record.varint(0).finish();
    writer.varint(body.length).raw(body);
  }
  const bytes = writer.finish();
  bytes.writeInt32BE(bytes.length - LOG_OVERHEAD, 8);
  bytes.writeInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

export interface BatchView {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  /** As stored; `computedCrc` says what it ought to be. */
  readonly crc: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
}

export const isControl = (batch: BatchView): boolean => (batch.attributes & 0x20) !== 0;
export const isTransactional = (batch: BatchView): boolean => (batch.attributes & 0x10) !== 0;
export const hasLogAppendTime = (batch: BatchView): boolean => (batch.attributes & 0x08) !== 0;
export const codecOf = (batch: BatchView): number => batch.attributes & 0x07;
export const computedCrc = (batch: BatchView): number => crc32c(batch.bytes.subarray(21)) >>> 0;

/** The whole batches in what a Fetch answered; a cut one at the end is left out. */
export function* batchesOf(records: Buffer): Generator<BatchView> {
  let at = 0;
  while (records.length - at >= HEADER_SIZE) {
    const size = LOG_OVERHEAD + records.readInt32BE(at + 8);
    if (records.length - at < size) return;
    const bytes = records.subarray(at, at + size);
    const baseOffset = Number(bytes.readBigInt64BE(0));
    yield {
      bytes,
      baseOffset,
      lastOffset: baseOffset + bytes.readInt32BE(23),
      leaderEpoch: bytes.readInt32BE(12),
      crc: bytes.readUInt32BE(17),
      attributes: bytes.readInt16BE(21),
      baseTimestamp: Number(bytes.readBigInt64BE(27)),
      maxTimestamp: Number(bytes.readBigInt64BE(35)),
      producerId: Number(bytes.readBigInt64BE(43)),
      producerEpoch: bytes.readInt16BE(51),
      baseSequence: bytes.readInt32BE(53),
      count: bytes.readInt32BE(57),
    };
    at += size;
  }
}

export interface RecordView {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
}

export function* recordsOf(batch: BatchView): Generator<RecordView> {
  const body = batch.bytes.subarray(HEADER_SIZE);
  const codec = codecOf(batch);
  const reader = new WireReader(codec === 0 ? body : decompress(codec, body));
  for (let i = 0; i < batch.count; i++) {
    reader.varint();
    reader.int8();
    const timestampDelta = reader.varint();
    const offset = batch.baseOffset + reader.varint();
    const key = varBytes(reader);
    const value = varBytes(reader);
    const headers: { key: string; value: Buffer | null }[] = [];
    for (let left = reader.varint(); left > 0; left--) {
      headers.push({ key: varBytes(reader)?.toString() ?? '', value: varBytes(reader) });
    }
    const timestamp = hasLogAppendTime(batch) ? batch.maxTimestamp : batch.baseTimestamp + timestampDelta;
    yield { offset, timestamp, key, value, headers };
  }
}

function varBytes(reader: WireReader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.raw(length);
}
