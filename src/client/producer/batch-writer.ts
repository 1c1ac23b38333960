// One batch being written: records go straight into a buffer as they are sent, byte for byte as Kafka's MemoryRecordsBuilder writes
// them; the header is put before them when the batch leaves, and again when it leaves under another producer id or sequence.
import {
  ATTRIBUTES,
  BASE_OFFSET,
  BASE_SEQUENCE,
  BASE_TIMESTAMP,
  BATCH_LENGTH,
  Codecs,
  type CodecId,
  compress,
  HEADER_SIZE,
  type Int64,
  LAST_OFFSET_DELTA,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_V2,
  MAX_TIMESTAMP,
  NO_TIMESTAMP,
  PARTITION_LEADER_EPOCH,
  PRODUCER_EPOCH,
  PRODUCER_ID,
  putInt16,
  putInt32,
  putInt64,
  putVarint,
  putVarlong,
  RECORDS_COUNT,
  sizeOfVarint,
  sizeOfVarlong,
  subtractInt64,
  TRANSACTIONAL_FLAG,
  updateChecksum,
} from '../../protocol/index.ts';
import type { RecordHeader } from '../serializers.ts';

/** What a record is made of; a text is written as UTF-8. */
export type Content = Uint8Array | string | null;

export interface BatchHeader {
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

/** Below this, a loop is faster than the call into V8's copy. */
const COPIED_BY_LOOP = 48;
/** Of what a packed batch is expected to take: to be on the safe side (COMPRESSION_RATE_ESTIMATION_FACTOR). */
const MARGIN = Math.fround(1.05);
/** What a record takes beside its contents, at most (DefaultRecord.MAX_RECORD_OVERHEAD). */
const RECORD_OVERHEAD = 21;

export class BatchWriter {
  #bytes: Buffer;
  #at = HEADER_SIZE;
  #baseTimestamp: Int64 = 0;
  #maxTimestamp: Int64 = NO_TIMESTAMP;
  #packed: Buffer | undefined;
  /** Of each record. */
  readonly timestamps: Int64[] = [];
  readonly #writeLimit: number;
  readonly #expectedRatio: number | undefined;

  /**
   * `bytes`: where to begin; it is replaced when it is too small. `writeLimit`: what the batch may take, when packed to
   * `expectedRatio` of its size (undefined: it is not packed); its first record may be larger.
   */
  constructor(bytes: Buffer, writeLimit: number, expectedRatio?: number) {
    this.#bytes = bytes;
    this.#writeLimit = writeLimit;
    this.#expectedRatio = expectedRatio;
  }

  /** The buffer that it has now. */
  get buffer(): Buffer {
    return this.#bytes;
  }

  get recordCount(): number {
    return this.timestamps.length;
  }

  /** Header and records, before they are packed. */
  get sizeBytes(): number {
    return this.#at;
  }

  /** No record fits any more. */
  get isFull(): boolean {
    return this.timestamps.length > 0 && this.#writeLimit <= this.#expectedSize();
  }

  /** false: there is no room for it (MemoryRecordsBuilder.hasRoomFor). */
  append(key: Content, value: Content, headers: readonly RecordHeader[], timestamp: Int64): boolean {
    const delta = this.#deltaOf(timestamp);
    const body = this.#sizeOfBody(key, value, headers, delta);
    const size = sizeOfVarint(body) + body;
    if (this.timestamps.length > 0 && this.#writeLimit < this.#expectedSize() + size) return false;
    this.#makeRoom(size);
    if (this.timestamps.length === 0) this.#baseTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const bytes = this.#bytes;
    let at = putVarint(bytes, this.#at, body);
    bytes[at++] = 0;
    at = putVarlong(bytes, at, delta);
    at = putVarint(bytes, at, this.timestamps.length);
    at = putContent(bytes, at, key);
    at = putContent(bytes, at, value);
    at = putVarint(bytes, at, headers.length);
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i] as RecordHeader;
      at = putContent(bytes, at, header.key);
      at = putContent(bytes, at, header.value);
    }
    this.#at = at;
    this.timestamps.push(timestamp);
    return true;
  }

  /** The batch, ready to be sent: a view on a buffer of this writer. Throws CompressionError when the codec is not loaded. */
  finish(header: BatchHeader, codec: CodecId, level: number | undefined): Buffer {
    const bytes = codec === Codecs.NONE ? this.#bytes.subarray(0, this.#at) : this.#pack(codec, level);
    const count = this.timestamps.length;
    putInt64(bytes, BASE_OFFSET, 0);
    putInt32(bytes, BATCH_LENGTH, bytes.length - LOG_OVERHEAD);
    putInt32(bytes, PARTITION_LEADER_EPOCH, -1);
    bytes[MAGIC] = MAGIC_V2;
    putInt16(bytes, ATTRIBUTES, codec | (header.isTransactional ? TRANSACTIONAL_FLAG : 0));
    putInt32(bytes, LAST_OFFSET_DELTA, count - 1);
    putInt64(bytes, BASE_TIMESTAMP, this.#baseTimestamp);
    putInt64(bytes, MAX_TIMESTAMP, this.#maxTimestamp);
    putInt64(bytes, PRODUCER_ID, header.producerId);
    putInt16(bytes, PRODUCER_EPOCH, header.producerEpoch);
    putInt32(bytes, BASE_SEQUENCE, header.baseSequence);
    putInt32(bytes, RECORDS_COUNT, count);
    updateChecksum(bytes);
    return bytes;
  }

  #pack(codec: CodecId, level: number | undefined): Buffer {
    if (this.#packed !== undefined) return this.#packed;
    const packed = compress(codec, this.#bytes.subarray(HEADER_SIZE, this.#at), level);
    const bytes = Buffer.allocUnsafe(HEADER_SIZE + packed.length);
    bytes.set(packed, HEADER_SIZE);
    this.#packed = bytes;
    return bytes;
  }

  /** In floats, as Java reckons: a byte more or less is a record more or less in a batch. */
  #expectedSize(): number {
    const ratio = this.#expectedRatio;
    if (ratio === undefined) return this.#at;
    return HEADER_SIZE + Math.trunc(Math.fround(Math.fround((this.#at - HEADER_SIZE) * ratio) * MARGIN));
  }

  #deltaOf(timestamp: Int64): Int64 {
    return this.timestamps.length === 0 ? 0 : subtractInt64(timestamp, this.#baseTimestamp);
  }

  #sizeOfBody(key: Content, value: Content, headers: readonly RecordHeader[], delta: Int64): number {
    let size = 1 + sizeOfVarlong(delta) + sizeOfVarint(this.timestamps.length) + sizeOfContent(key);
    size += sizeOfContent(value) + sizeOfVarint(headers.length);
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i] as RecordHeader;
      size += sizeOfContent(header.key) + sizeOfContent(header.value);
    }
    return size;
  }

  #makeRoom(sizeBytes: number): void {
    const needed = this.#at + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(
      this.timestamps.length === 0 ? needed : Math.max(needed, this.#bytes.length * 2),
    );
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** What a batch with this record alone takes at most (AbstractRecords.estimateSizeInBytesUpperBound). */
export function largestSizeOf(key: Content, value: Content, headers: readonly RecordHeader[]): number {
  let size = HEADER_SIZE + RECORD_OVERHEAD + sizeOfContent(key) + sizeOfContent(value) + sizeOfVarint(headers.length);
  for (const header of headers) size += sizeOfContent(header.key) + sizeOfContent(header.value);
  return size;
}

function sizeOfContent(content: Content): number {
  if (content === null) return 1;
  const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  return sizeOfVarint(length) + length;
}

function putContent(bytes: Buffer, at: number, content: Content): number {
  if (content === null) return putVarint(bytes, at, -1);
  if (typeof content === 'string') {
    const size = Buffer.byteLength(content);
    const from = putVarint(bytes, at, size);
    bytes.write(content, from, size, 'utf8');
    return from + size;
  }
  const { length } = content;
  const from = putVarint(bytes, at, length);
  if (length < COPIED_BY_LOOP) for (let i = 0; i < length; i++) bytes[from + i] = content[i] as number;
  else bytes.set(content, from);
  return from + length;
}
