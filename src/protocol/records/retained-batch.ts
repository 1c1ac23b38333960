// What compaction writes in place of a batch that it takes records out of, or gives a delete horizon (KIP-534): the records that
// stay keep their bytes, but for the timestamps, which count from the new base (Kafka's MemoryRecords.filterTo). Offsets, sequences,
// epochs, codec and kind of the batch stay as they are.
import { compress, Codecs } from '../compression/index.ts';
import { type Int64, subtractInt64 } from '../int64.ts';
import * as batch from './batch.ts';
import { putVarint, putVarlong, sizeOfVarlong } from './batch-builder.ts';
import { updateChecksum } from './batch-patch.ts';
import { type OpenedRecords, RecordCursor } from './record.ts';

/** Short ranges are copied byte by byte: a call costs more. */
const LOOP_COPY_BELOW_BYTES = 48;
const KIND_FLAGS = batch.LOG_APPEND_TIME_FLAG | batch.TRANSACTIONAL_FLAG | batch.CONTROL_FLAG;
/** What a record grows by at most: the varints of its length and its timestamp. */
const MOST_GROWTH = 5 + 10;

export interface RetainedRecords {
  /** The batch, of format 2, at `at`. */
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Its records, well formed. */
  readonly opened: OpenedRecords;
  /** Where in `opened.bytes` each record that stays begins, the first `count` of them; at least one. */
  readonly starts: Int32Array;
  readonly count: number;
  /** undefined: the batch has none. */
  readonly deleteHorizonMs: Int64 | undefined;
}

/** Room for batches up to this size is kept from one to the next. */
const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;
/** What was built last. */
let built = Buffer.allocUnsafeSlow(16 * 1024);

function roomFor(sizeBytes: number): Buffer {
  if (sizeBytes > LARGEST_KEPT_BYTES) return Buffer.allocUnsafe(sizeBytes);
  if (built.length < sizeBytes) built = Buffer.allocUnsafeSlow(Math.max(sizeBytes, 2 * built.length));
  return built;
}

/** In a buffer that is valid until the next call. Throws CompressionError when the codec is not loaded. */
export function buildRetainedBatch(retained: RetainedRecords): Buffer {
  const { bytes, at, deleteHorizonMs } = retained;
  const area = new RetainedArea(retained);
  area.write();
  const codec = batch.compression(bytes, at);
  const records = codec === Codecs.NONE ? area.records() : compress(codec, area.records());
  const whole = codec === Codecs.NONE ? area.whole() : withHeaderRoom(records);
  putHeader(whole, retained, area);
  const flags = batch.attributes(bytes, at) & KIND_FLAGS;
  const horizonFlag = deleteHorizonMs === undefined ? 0 : batch.DELETE_HORIZON_FLAG;
  batch.putInt16(whole, batch.ATTRIBUTES, codec | flags | horizonFlag);
  batch.putInt32(whole, batch.RECORDS_COUNT, retained.count);
  updateChecksum(whole);
  return whole;
}

/** The batch at `at` without its records: it keeps a producer's sequences, or the last offset. */
export function buildEmptiedBatch(bytes: Uint8Array, at: number): Buffer {
  const whole = Buffer.allocUnsafe(batch.HEADER_SIZE);
  whole.set(bytes.subarray(at, at + batch.HEADER_SIZE));
  batch.putInt32(whole, batch.BATCH_LENGTH, batch.HEADER_SIZE - batch.LOG_OVERHEAD);
  batch.putInt16(whole, batch.ATTRIBUTES, batch.attributes(bytes, at) & KIND_FLAGS);
  batch.putInt64(whole, batch.BASE_TIMESTAMP, batch.NO_TIMESTAMP);
  batch.putInt32(whole, batch.RECORDS_COUNT, 0);
  updateChecksum(whole);
  return whole;
}

/** The delete horizon of the batch at `at`, undefined when none is set. */
export function deleteHorizonMs(bytes: Uint8Array, at: number): Int64 | undefined {
  const isSet = (batch.attributes(bytes, at) & batch.DELETE_HORIZON_FLAG) !== 0;
  return isSet ? batch.baseTimestamp(bytes, at) : undefined;
}

function withHeaderRoom(records: Uint8Array): Buffer {
  const sizeBytes = batch.HEADER_SIZE + records.length;
  const whole = roomFor(sizeBytes).subarray(0, sizeBytes);
  whole.set(records, batch.HEADER_SIZE);
  return whole;
}

function putHeader(whole: Buffer, { bytes, at }: RetainedRecords, area: RetainedArea): void {
  whole.set(bytes.subarray(at, at + batch.HEADER_SIZE));
  batch.putInt32(whole, batch.BATCH_LENGTH, whole.length - batch.LOG_OVERHEAD);
  batch.putInt64(whole, batch.BASE_TIMESTAMP, area.baseTimestamp);
  batch.putInt64(whole, batch.MAX_TIMESTAMP, area.maxTimestamp);
}

/** The records that stay, one behind the other, with room for a header in front. */
class RetainedArea {
  baseTimestamp: Int64;
  maxTimestamp: Int64 = batch.NO_TIMESTAMP;
  readonly #retained: RetainedRecords;
  readonly #cursor: RecordCursor;
  /** Given: every record has this time. */
  readonly #appendTime: Int64 | undefined;
  readonly #oldBase: Int64;
  readonly #target: Buffer;
  #end = batch.HEADER_SIZE;

  constructor(retained: RetainedRecords) {
    const { bytes, at, opened, starts, count } = retained;
    this.#retained = retained;
    this.#cursor = new RecordCursor(opened.bytes, opened.start);
    const isAppendTime = (batch.attributes(bytes, at) & batch.LOG_APPEND_TIME_FLAG) !== 0;
    this.#appendTime = isAppendTime ? batch.maxTimestamp(bytes, at) : undefined;
    this.#oldBase = batch.baseTimestamp(bytes, at);
    this.#target = roomFor(batch.HEADER_SIZE + opened.end - opened.start + count * MOST_GROWTH);
    this.#read(starts[0] as number);
    this.baseTimestamp = retained.deleteHorizonMs ?? this.#timestamp();
  }

  write(): void {
    const { starts, count } = this.#retained;
    if (this.baseTimestamp === this.#oldBase && this.#appendTime === undefined) return this.#copyRuns();
    for (let i = 0; i < count; i++) {
      this.#read(starts[i] as number);
      this.#put();
    }
  }

  /** The timestamps count from where they did: no byte of a record changes, and neighbours are copied together. */
  #copyRuns(): void {
    const { opened, starts, count } = this.#retained;
    let runStart = starts[0] as number;
    let runEnd = runStart;
    for (let i = 0; i < count; i++) {
      const start = starts[i] as number;
      if (start !== runEnd) {
        this.#copy(opened.bytes, runStart, runEnd);
        runStart = start;
      }
      this.#read(start);
      runEnd = this.#cursor.end;
      const timestamp = this.#timestamp();
      if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    }
    this.#copy(opened.bytes, runStart, runEnd);
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    this.#target.set(bytes.subarray(from, to), this.#end);
    this.#end += to - from;
  }

  records(): Buffer {
    return this.#target.subarray(batch.HEADER_SIZE, this.#end);
  }

  whole(): Buffer {
    return this.#target.subarray(0, this.#end);
  }

  #read(start: number): void {
    this.#cursor.end = start;
    this.#cursor.next();
  }

  #timestamp(): Int64 {
    return this.#appendTime ?? this.#cursor.timestampFrom(this.#oldBase);
  }

  #put(): void {
    const timestamp = this.#timestamp();
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    const delta = subtractInt64(timestamp, this.baseTimestamp);
    const { bytes } = this.#retained.opened;
    const { end, timestampAt } = this.#cursor;
    let from = timestampAt;
    while ((bytes[from] as number) > 0x7f) from++;
    from++;
    const target = this.#target;
    let at = putVarint(target, this.#end, 1 + sizeOfVarlong(delta) + end - from);
    target[at++] = 0;
    at = putVarlong(target, at, delta);
    const length = end - from;
    if (length < LOOP_COPY_BELOW_BYTES) for (let i = 0; i < length; i++) target[at + i] = bytes[from + i] as number;
    else target.set(bytes.subarray(from, end), at);
    this.#end = at + length;
  }
}
