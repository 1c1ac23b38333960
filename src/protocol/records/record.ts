// Records of a batch as objects, for whoever is not in a hurry: coordinators loading, time look-ups, compaction, tests. The
// bytes are judged by record-walk.ts first, so what is read here is known to be well formed. Kafka's DefaultRecord.
import { CompressionError, Codecs, decompress } from '../compression/index.ts';
import { addInt64, type Int64, toInt64 } from '../int64.ts';
import * as batch from './batch.ts';
import { InvalidRecordError } from './invalid-record-error.ts';
import { legacyRecordsOf } from './legacy-messages.ts';
import {
  RecordWalk,
  WALK_END_REACHED,
  WALK_LENGTH_MALFORMED,
  WALK_OK,
  WALK_PLAIN,
  WALK_STREAM,
  walkRecords,
  walkText,
} from './record-walk.ts';

/** What a compressed batch may unpack to unless the caller says otherwise: Kafka's largest request. */
const DEFAULT_MAX_DECOMPRESSED_BYTES = 104_857_600;

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Keys and values are views on the batch, or on its unpacked copy. */
export interface BatchRecord {
  readonly offset: number;
  /** The batch's max timestamp when the batch is of log append time. */
  readonly timestamp: Int64;
  /** -1 when the batch has no producer. */
  readonly sequence: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

export interface OpenLimits {
  readonly maxDecompressedBytes?: number;
}

/** The records area of a batch, unpacked: `bytes[start, end)`. */
export interface OpenedRecords {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isStream: boolean;
  /** Set when the compressed stream broke behind `end`; what came before it is there. */
  readonly failure: CompressionError | undefined;
}

/** Visits every record of the batch at `at`. Throws InvalidRecordError, behind the records that could be read. */
export function forEachRecord(
  bytes: Uint8Array,
  visit: (record: BatchRecord) => void,
  options?: OpenLimits & { at?: number },
): void {
  for (const record of recordsOf(bytes, options)) visit(record);
}

/** The records of the batch at `at`, of any magic, in order. Throws InvalidRecordError, behind the records that could be read. */
export function* recordsOf(
  bytes: Uint8Array,
  options?: OpenLimits & { at?: number },
): Generator<BatchRecord, void, void> {
  const at = options?.at ?? 0;
  if (batch.magic(bytes, at) < batch.MAGIC_V2) {
    yield* legacyRecordsOf(bytes, at, options?.maxDecompressedBytes);
    return;
  }
  const count = batch.recordsCount(bytes, at);
  // A count of 0 hides whatever the area holds, also a broken stream.
  if (count === 0) return;
  const opened = openRecords(bytes, at, options?.maxDecompressedBytes);
  const walk = new RecordWalk();
  walkRecords(opened.bytes, opened.start, opened.end, count, opened.isStream ? WALK_STREAM : WALK_PLAIN, walk);
  const hasBrokenEnd = opened.failure !== undefined && walk.code === WALK_OK;
  const readable = hasBrokenEnd ? walk.recordsRead - 1 : walk.recordsRead;
  const cursor = new RecordCursor(opened.bytes, opened.start);
  const base = new BatchBase(bytes, at);
  for (let i = 0; i < readable; i++) {
    cursor.next();
    yield base.record(cursor);
  }
  throwWalkFailure(walk, opened, readable);
}

function throwWalkFailure(walk: RecordWalk, opened: OpenedRecords, index: number): void {
  const { failure } = opened;
  if (failure !== undefined && (walk.code === WALK_OK || walk.code === WALK_END_REACHED)) {
    throw new InvalidRecordError(failure.message, index, 'compression');
  }
  if (walk.code === WALK_OK) return;
  const isArgument = walk.code === WALK_LENGTH_MALFORMED && !opened.isStream;
  throw new InvalidRecordError(walkText(walk.code), index, isArgument ? 'argument' : 'record');
}

/**
 * The records area of the v2 batch at `at`, unpacked when it is compressed. A stream that breaks gives what came before.
 * Throws InvalidRecordError (kind `compression`) for an unknown codec, one that is not loaded, or above the limit.
 */
export function openRecords(
  bytes: Uint8Array,
  at = 0,
  maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES,
): OpenedRecords {
  const start = at + batch.HEADER_SIZE;
  const end = at + batch.sizeInBytes(bytes, at);
  const codec = batch.compression(bytes, at);
  if (codec === Codecs.NONE) return { bytes, start, end, isStream: false, failure: undefined };
  try {
    const unpacked = decompress(codec, bytes.subarray(start, end), maxDecompressedBytes);
    return { bytes: unpacked, start: 0, end: unpacked.length, isStream: true, failure: undefined };
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    const { partial } = error;
    if (partial === undefined) throw new InvalidRecordError(error.message, 0, 'compression');
    return { bytes: partial, start: 0, end: partial.length, isStream: true, failure: error };
  }
}

/** What the header contributes to each of its records. */
class BatchBase {
  readonly #offset: number;
  readonly #timestamp: Int64;
  /** undefined with create time. */
  readonly #appendTime: Int64 | undefined;
  readonly #sequence: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#offset = batch.baseOffset(bytes, at);
    this.#timestamp = batch.baseTimestamp(bytes, at);
    const isAppendTime = (batch.attributes(bytes, at) & batch.LOG_APPEND_TIME_FLAG) !== 0;
    this.#appendTime = isAppendTime ? batch.maxTimestamp(bytes, at) : undefined;
    this.#sequence = batch.baseSequence(bytes, at);
  }

  record(cursor: RecordCursor): BatchRecord {
    return {
      offset: this.#offset + cursor.offsetDelta,
      timestamp: this.#appendTime ?? cursor.timestampFrom(this.#timestamp),
      sequence: this.#sequence < 0 ? batch.NO_SEQUENCE : (this.#sequence + cursor.offsetDelta) % 0x8000_0000,
      key: cursor.key(),
      value: cursor.value(),
      headers: cursor.headers(),
    };
  }
}

const NO_HEADERS: readonly RecordHeader[] = [];

/**
 * Steps through records that `walkRecords` has found well formed; it checks nothing itself. Positions and lengths stand in
 * fields, so that a loop over it allocates only what it asks for.
 */
export class RecordCursor {
  readonly #bytes: Uint8Array;
  #at: number;
  offsetDelta = 0;
  /** Exact within ±2^53. */
  timestampDelta = 0;
  /** Where the varint of the timestamp delta begins. */
  timestampAt = 0;
  keyAt = 0;
  /** Negative: null. */
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  headersAt = 0;
  headersCount = 0;
  /** Where the next record begins. */
  end = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.end = start;
  }

  /** `trustsLength`: the record ends where its length says; otherwise where its headers end (a skimmed stream). */
  next(trustsLength = true): void {
    this.#at = this.end;
    const length = this.#varint();
    this.end = this.#at + length;
    this.timestampAt = this.#at + 1;
    this.#at = this.timestampAt;
    this.timestampDelta = this.#varlong();
    this.offsetDelta = this.#varint();
    this.keyLength = this.#varint();
    this.keyAt = this.#at;
    if (this.keyLength > 0) this.#at += this.keyLength;
    this.valueLength = this.#varint();
    this.valueAt = this.#at;
    if (this.valueLength > 0) this.#at += this.valueLength;
    this.headersCount = this.#varint();
    this.headersAt = this.#at;
    if (trustsLength) return;
    for (let i = 0; i < 2 * this.headersCount; i++) this.#take(this.#varint());
    this.end = this.#at;
  }

  /** The record's timestamp in a batch whose base timestamp is `base`. */
  timestampFrom(base: Int64): Int64 {
    const near = typeof base === 'number' ? base + this.timestampDelta : Number.NaN;
    if (Number.isSafeInteger(near) && Number.isSafeInteger(this.timestampDelta)) return near;
    return addInt64(base, toInt64(this.exactTimestampDelta()));
  }

  /** The timestamp delta without loss. */
  exactTimestampDelta(): bigint {
    let value = 0n;
    for (let at = this.timestampAt, shift = 0n; ; at++, shift += 7n) {
      const byte = this.#bytes[at] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const zigzag = BigInt.asUintN(64, value);
    return (zigzag >> 1n) ^ -(zigzag & 1n);
  }

  key(): Uint8Array | null {
    return this.keyLength < 0 ? null : this.#bytes.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  value(): Uint8Array | null {
    return this.valueLength < 0 ? null : this.#bytes.subarray(this.valueAt, this.valueAt + this.valueLength);
  }

  headers(): readonly RecordHeader[] {
    if (this.headersCount === 0) return NO_HEADERS;
    const headers: RecordHeader[] = [];
    this.#at = this.headersAt;
    for (let i = 0; i < this.headersCount; i++) {
      const key = this.#take(this.#varint()) ?? new Uint8Array(0);
      headers.push({
        key: Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8'),
        value: this.#take(this.#varint()),
      });
    }
    return headers;
  }

  #take(length: number): Uint8Array | null {
    if (length < 0) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  }

  #varlong(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high = bits >>> 4;
      }
      if (byte < 0x80) break;
    }
    const sign = -(low & 1);
    return ((high >>> 1) ^ sign) * 0x1_0000_0000 + ((((low >>> 1) | (high << 31)) ^ sign) >>> 0);
  }
}
