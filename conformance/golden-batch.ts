// A batch as the JSON of test/golden/records.jsonl.gz, without loss beyond 2^53, and built again from its parts.
import {
  attributes,
  BASE_OFFSET,
  BASE_TIMESTAMP,
  batchSizeAt,
  baseSequence,
  buildBatch,
  type CodecId,
  checksum,
  codecName,
  compression,
  DELETE_HORIZON_FLAG,
  type HeaderInput,
  InvalidRecordError,
  isControl,
  isTransactional,
  LOG_APPEND_TIME_FLAG,
  LOG_OVERHEAD,
  lastOffsetDelta,
  lastSequence,
  MAGIC,
  MAGIC_V2,
  MAX_TIMESTAMP,
  magic,
  openRecords,
  PRODUCER_ID,
  partitionLeaderEpoch,
  producerEpoch,
  RecordCursor,
  type RecordInput,
  recordsCount,
  recordsOf,
} from '../src/protocol/index.ts';

/** 64-bit numbers are strings beyond 2^53. */
type Long = number | string;

export interface RecordJson {
  readonly offset: Long;
  readonly timestamp: Long;
  readonly sequence: number;
  readonly keyHex: string | null;
  readonly valueHex: string | null;
  readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[];
}

export interface BatchJson {
  readonly [field: string]: unknown;
  readonly sizeInBytes: number;
  readonly compression: string;
  readonly records: readonly RecordJson[];
}

/** The batch at `at`, and in `failure` why its records could not all be read. */
export function describeBatch(bytes: Buffer, at: number): BatchJson & { readonly failure?: InvalidRecordError } {
  return bytes[at + MAGIC] === MAGIC_V2 ? describeCurrent(bytes, at) : describeLegacy(bytes, at);
}

function describeCurrent(bytes: Buffer, at: number): BatchJson & { readonly failure?: InvalidRecordError } {
  const size = batchSizeAt(bytes, at);
  const base = bytes.readBigInt64BE(at + BASE_OFFSET);
  const flags = attributes(bytes, at);
  const lastOffset = base + BigInt(lastOffsetDelta(bytes, at));
  const { records, failure } = describeRecords(bytes, at);
  const json = {
    baseOffset: long(base),
    batchLength: size - LOG_OVERHEAD,
    partitionLeaderEpoch: partitionLeaderEpoch(bytes, at),
    magic: magic(bytes, at),
    crc: checksum(bytes, at),
    attributes: flags,
    lastOffsetDelta: lastOffsetDelta(bytes, at),
    baseTimestamp: long(bytes.readBigInt64BE(at + BASE_TIMESTAMP)),
    maxTimestamp: long(bytes.readBigInt64BE(at + MAX_TIMESTAMP)),
    producerId: long(bytes.readBigInt64BE(at + PRODUCER_ID)),
    producerEpoch: producerEpoch(bytes, at),
    baseSequence: baseSequence(bytes, at),
    recordsCount: recordsCount(bytes, at),
    sizeInBytes: size,
    lastOffset: long(lastOffset),
    nextOffset: long(lastOffset + 1n),
    lastSequence: lastSequence(bytes, at),
    compression: codecName(compression(bytes, at)) ?? 'unknown',
    timestampType: (flags & LOG_APPEND_TIME_FLAG) !== 0 ? 'LogAppendTime' : 'CreateTime',
    isTransactional: isTransactional(bytes, at),
    isControl: isControl(bytes, at),
    deleteHorizonMs: (flags & DELETE_HORIZON_FLAG) !== 0 ? long(bytes.readBigInt64BE(at + BASE_TIMESTAMP)) : null,
    records,
  };
  return failure === undefined ? json : { ...json, failure };
}

function describeRecords(bytes: Buffer, at: number): { records: RecordJson[]; failure?: InvalidRecordError } {
  const records: RecordJson[] = [];
  try {
    let exact: ExactReader | undefined;
    for (const record of recordsOf(bytes, { at })) {
      exact ??= new ExactReader(bytes, at);
      const { offset, timestamp } = exact.next();
      // The plain numbers must agree wherever they can be exact.
      const isSame = [long(offset), long(timestamp)].every(
        (value, i) => typeof value === 'string' || value === [record.offset, record.timestamp][i],
      );
      records.push({
        offset: isSame ? long(offset) : Number.NaN,
        timestamp: long(timestamp),
        sequence: record.sequence,
        keyHex: hex(record.key),
        valueHex: hex(record.value),
        headers: record.headers.map(({ key, value }) => ({ key, valueHex: hex(value) })),
      });
    }
    return { records };
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error;
    return { records, failure: error };
  }
}

/** Offsets and timestamps as 64-bit numbers. */
class ExactReader {
  readonly cursor: RecordCursor;
  readonly #baseOffset: bigint;
  readonly #baseTimestamp: bigint;
  readonly #appendTime: bigint | undefined;

  constructor(bytes: Buffer, at: number) {
    const opened = openRecords(bytes, at);
    this.cursor = new RecordCursor(opened.bytes, opened.start);
    this.#baseOffset = bytes.readBigInt64BE(at + BASE_OFFSET);
    this.#baseTimestamp = bytes.readBigInt64BE(at + BASE_TIMESTAMP);
    const isAppendTime = (attributes(bytes, at) & LOG_APPEND_TIME_FLAG) !== 0;
    this.#appendTime = isAppendTime ? bytes.readBigInt64BE(at + MAX_TIMESTAMP) : undefined;
  }

  /** `created` is the timestamp that stands in the record, also under log append time. */
  next(): { offset: bigint; timestamp: bigint; created: bigint } {
    this.cursor.next();
    const offset = BigInt.asIntN(64, this.#baseOffset + BigInt(this.cursor.offsetDelta));
    const created = BigInt.asIntN(64, this.#baseTimestamp + this.cursor.exactTimestampDelta());
    return { offset, created, timestamp: this.#appendTime ?? created };
  }
}

function describeLegacy(bytes: Buffer, at: number): BatchJson {
  const [message] = recordsOf(bytes, { at });
  if (message === undefined) throw new InvalidRecordError('a message without a record', 0);
  const { offset, timestamp } = message;
  const record = {
    offset,
    timestamp: long(BigInt(timestamp)),
    sequence: -1,
    keyHex: hex(message.key),
    valueHex: hex(message.value),
    headers: [],
  };
  return {
    baseOffset: offset,
    magic: bytes[at + MAGIC],
    sizeInBytes: batchSizeAt(bytes, at),
    lastOffset: offset,
    nextOffset: offset + 1,
    lastSequence: -1,
    compression: 'none',
    timestampType: bytes[at + MAGIC] === 0 ? 'NoTimestampType' : 'CreateTime',
    isTransactional: false,
    isControl: false,
    deleteHorizonMs: null,
    records: [record],
  };
}

/** The same batch by our builder. Compressed ones have other bytes that unpack to the same. */
export function rebuildBatch(bytes: Buffer): Buffer {
  const flags = attributes(bytes);
  const reader = new ExactReader(bytes, 0);
  const inputs: RecordInput[] = [];
  for (const record of recordsOf(bytes)) {
    const headers: readonly HeaderInput[] = record.headers;
    const { created } = reader.next();
    inputs.push({
      key: record.key,
      value: record.value,
      headers,
      timestamp: created,
      offsetDelta: reader.cursor.offsetDelta,
    });
  }
  const maxTimestamp = bytes.readBigInt64BE(MAX_TIMESTAMP);
  const baseTimestamp = bytes.readBigInt64BE(BASE_TIMESTAMP);
  return buildBatch(inputs, {
    baseOffset: bytes.readBigInt64BE(BASE_OFFSET),
    leaderEpoch: partitionLeaderEpoch(bytes),
    codec: compression(bytes) as CodecId,
    logAppendTimeMs: (flags & LOG_APPEND_TIME_FLAG) !== 0 ? maxTimestamp : undefined,
    deleteHorizonMs: (flags & DELETE_HORIZON_FLAG) !== 0 ? baseTimestamp : undefined,
    producerId: bytes.readBigInt64BE(PRODUCER_ID),
    producerEpoch: producerEpoch(bytes),
    baseSequence: baseSequence(bytes),
    isTransactional: isTransactional(bytes),
    isControl: isControl(bytes),
    lastOffsetDelta: lastOffsetDelta(bytes),
    maxTimestamp,
    baseTimestamp,
  });
}

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

const long = (value: bigint): Long => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

/** Where two JSON values differ, or undefined. */
export function differs(mine: unknown, kafkas: unknown, path = ''): string | undefined {
  if (typeof mine !== 'object' || typeof kafkas !== 'object' || mine === null || kafkas === null) {
    return Object.is(mine, kafkas) ? undefined : `${path || 'value'}: ${show(mine)}, Kafka has ${show(kafkas)}`;
  }
  const keys = new Set([...Object.keys(mine), ...Object.keys(kafkas)]);
  for (const key of keys) {
    const inside = differs((mine as never)[key], (kafkas as never)[key], path === '' ? key : `${path}.${key}`);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

const show = (value: unknown): string => String(JSON.stringify(value)).slice(0, 200);
