// Reads the records of a batch in one pass, with every bound checked on the way: this is what a consumer's time goes into. Kafka's
// DefaultRecord.readFrom. A record whose fields do not come to what its length says ends the batch.
import { addInt64, InvalidRecordError, type Int64, toInt64 } from '../../protocol/index.ts';
import type { RecordHeader } from '../serializers.ts';
import type { RawRecord, RecordBatchFacts } from './consumed-record.ts';

/** A batch whose records area is unpacked. */
export interface OpenBatch {
  readonly topic: string;
  readonly partition: number;
  /** `bytes[start, end)` are the records. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  readonly baseTimestamp: Int64;
  /** Of the broker, for all records; undefined: each has its own. */
  readonly appendTime: Int64 | undefined;
  /** Given to each record; undefined: nobody asked for it. */
  readonly facts: RecordBatchFacts | undefined;
}

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);
const MALFORMED = 'Found invalid record structure';

// The readers leave the position behind what they have read in `at`, as record-walk.ts of the protocol has it.
let at = 0;

/** Zigzag, 32 bit. Behind the end of the bytes it reads zeros' worth: the caller's bounds find that. */
function varint(bytes: Uint8Array, from: number): number {
  let position = from;
  let byte = bytes[position++] as number;
  let value = byte & 0x7f;
  for (let shift = 7; byte > 0x7f; shift += 7) {
    if (shift > 28) throw new InvalidRecordError(MALFORMED, 0);
    byte = bytes[position++] as number;
    value |= (byte & 0x7f) << shift;
  }
  at = position;
  return (value >>> 1) ^ -(value & 1);
}

/** Zigzag, 64 bit. */
function varlong(bytes: Uint8Array, from: number): Int64 {
  let value = 0n;
  let position = from;
  for (let shift = 0n; ; shift += 7n) {
    if (shift > 63n) throw new InvalidRecordError(MALFORMED, 0);
    const byte = bytes[position++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  at = position;
  const zigzag = BigInt.asUintN(64, value);
  return toInt64((zigzag >> 1n) ^ -(zigzag & 1n));
}

/** A timestamp delta: nearly always below 2^27, which is read without a bigint. */
function timestampDelta(bytes: Uint8Array, from: number): Int64 {
  let position = from;
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[position++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = position;
      return (value >>> 1) ^ -(value & 1);
    }
  }
  return varlong(bytes, from);
}

/** Steps through a batch; some records at a time. */
export class RecordReader {
  readonly #batch: OpenBatch;
  #at: number;
  #read = 0;

  constructor(batch: OpenBatch) {
    this.#batch = batch;
    this.#at = batch.start;
  }

  get isDone(): boolean {
    return this.#read >= this.#batch.count;
  }

  /** Appends up to `most` records from `firstOffset` on. Throws InvalidRecordError behind those that could be read. */
  readInto(records: RawRecord[], most: number, firstOffset: number): void {
    const { bytes, end, count, facts } = this.#batch;
    let room = most;
    while (this.#read < count && room > 0) {
      const length = varint(bytes, this.#at);
      const recordEnd = at + length;
      if (length < 0 || recordEnd > end) throw new InvalidRecordError(MALFORMED, this.#read);
      const record = this.#readOne(at + 1, recordEnd, firstOffset);
      if (record !== undefined) {
        records.push(facts === undefined ? record : { ...record, batch: facts });
        room--;
      }
      this.#at = recordEnd;
      this.#read++;
    }
  }

  /** From behind its attributes on; undefined when it lies below `firstOffset`. */
  #readOne(from: number, end: number, firstOffset: number): RawRecord | undefined {
    const { topic, partition, bytes, baseOffset, leaderEpoch, baseTimestamp, appendTime } = this.#batch;
    const delta = timestampDelta(bytes, from);
    const offset = baseOffset + varint(bytes, at);
    if (offset < firstOffset) return undefined;
    const keySize = varint(bytes, at);
    const keyAt = at;
    const keyEnd = keySize > 0 ? keyAt + keySize : keyAt;
    if (keyEnd > end) throw new InvalidRecordError(MALFORMED, this.#read);
    const valueSize = varint(bytes, keyEnd);
    const valueAt = at;
    const valueEnd = valueSize > 0 ? valueAt + valueSize : valueAt;
    if (valueEnd >= end) throw new InvalidRecordError(MALFORMED, this.#read);
    const headers = bytes[valueEnd] === 0 ? NO_HEADERS : readHeaders(bytes, valueEnd, end);
    if ((headers === NO_HEADERS ? valueEnd + 1 : at) !== end) throw new InvalidRecordError(MALFORMED, this.#read);
    return {
      topic,
      partition,
      offset,
      leaderEpoch,
      timestamp: appendTime ?? timestampOf(baseTimestamp, delta),
      timestampType: appendTime === undefined ? 'CreateTime' : 'LogAppendTime',
      key: keySize < 0 ? null : bytes.subarray(keyAt, keyEnd),
      value: valueSize < 0 ? null : bytes.subarray(valueAt, valueEnd),
      headers,
      keySize: keySize < 0 ? -1 : keySize,
      valueSize: valueSize < 0 ? -1 : valueSize,
    };
  }
}

function timestampOf(base: Int64, delta: Int64): Int64 {
  if (typeof base === 'number' && typeof delta === 'number') {
    const sum = base + delta;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return addInt64(base, delta);
}

/** Leaves `at` behind them. */
function readHeaders(bytes: Buffer, from: number, end: number): readonly RecordHeader[] {
  const count = varint(bytes, from);
  if (count < 0 || count > end - at) throw new InvalidRecordError('Found invalid number of record headers', 0);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const keySize = varint(bytes, at);
    const keyAt = at;
    if (keySize < 0 || keyAt + keySize > end) throw new InvalidRecordError('Invalid header key size', 0);
    const valueSize = varint(bytes, keyAt + keySize);
    const valueAt = at;
    at = valueSize > 0 ? valueAt + valueSize : valueAt;
    if (at > end) throw new InvalidRecordError('Invalid header value size', 0);
    headers.push({
      key: bytes.toString('utf8', keyAt, keyAt + keySize),
      value: valueSize < 0 ? null : bytes.subarray(valueAt, at),
    });
  }
  return headers;
}
