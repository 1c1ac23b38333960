// What one answer to a fetch holds of one partition, read bit by bit as records are asked for. Control batches, records below the
// position and, where only what is committed is wanted, those of aborted transactions are passed over (Kafka: CompletedFetch).
import {
  attributes,
  baseOffset,
  baseTimestamp,
  batchesOf,
  codecReady,
  compression,
  ControlRecordType,
  controlRecordType,
  ensureBatchValid,
  type Int64,
  int64At,
  isControl,
  isTransactional,
  lastOffset,
  legacyRecordsOf,
  loadCodec,
  LOG_APPEND_TIME_FLAG,
  MAGIC_V2,
  magic,
  maxTimestamp,
  openRecords,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordsCount,
  recordsOf,
} from '../../protocol/index.ts';
import type { RawRecord, RecordBatchFacts } from './consumed-record.ts';
import { RecordReader } from './record-reader.ts';

export interface Aborted {
  readonly producerId: Int64;
  readonly firstOffset: number;
}

export interface ChunkOptions {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is wanted. */
  readonly offset: number;
  readonly aborted: readonly Aborted[];
  /** check.crcs */
  readonly checksCrcs: boolean;
  /** Whether records say what their batch is. */
  readonly tellsBatches: boolean;
  /** A batch that unpacks to more is an error. */
  readonly maxUnpackedBytes: number;
}

/** Attributes of a message of format 1, behind offset, size, checksum and magic. */
const LEGACY_ATTRIBUTES = 17;

export class FetchedChunk {
  /** Its codec has been asked for, whether it came or not. */
  hasTriedCodec = false;
  readonly bytes: Buffer;
  readonly #options: ChunkOptions;
  readonly #batches: Iterator<number, void, void>;
  /** Of transactions that begin in batches yet to come, by first offset. */
  readonly #upcoming: Aborted[];
  readonly #aborted = new Set<Int64>();
  #reader: RecordReader | undefined;
  #next: IteratorResult<number, void>;
  #nextOffset: number;
  #readOffset: number;

  /** Throws CorruptRecordError when the first batch is none. */
  constructor(bytes: Buffer, options: ChunkOptions) {
    this.bytes = bytes;
    this.#options = options;
    this.#nextOffset = options.offset;
    this.#readOffset = options.offset;
    this.#upcoming = [...options.aborted].sort((a, b) => a.firstOffset - b.firstOffset);
    this.#batches = batchesOf(bytes);
    this.#next = this.#batches.next();
  }

  get isDone(): boolean {
    return this.#next.done === true && this.#reader === undefined;
  }

  /** Where to go on when it is done: behind the last batch, whatever was in it. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** The offset behind the last record that was read. */
  get readOffset(): number {
    return this.isDone ? this.#nextOffset : this.#readOffset;
  }

  /** A codec that is to be loaded before the next batch can be opened at full speed. */
  get missingCodec(): number | undefined {
    if (this.#reader !== undefined || this.#next.done === true || magic(this.bytes, this.#next.value) < MAGIC_V2) {
      return undefined;
    }
    const codec = compression(this.bytes, this.#next.value);
    return codecReady(codec) ? undefined : codec;
  }

  /** Up to `most` records more. Throws CorruptRecordError or InvalidRecordError behind those that could be read. */
  readInto(records: RawRecord[], most: number): void {
    const end = records.length + most;
    while (records.length < end) {
      if (this.#reader === undefined && !this.#openNext(records)) return;
      const reader = this.#reader;
      if (reader === undefined) continue;
      reader.readInto(records, end - records.length, this.#options.offset);
      const last = records.at(-1);
      if (last !== undefined) this.#readOffset = Math.max(this.#readOffset, last.offset + 1);
      if (!reader.isDone) return;
      this.#reader = undefined;
      if (this.missingCodec !== undefined) return;
    }
  }

  /** false: there is no other batch. Of one that is passed over, or was read at once, nothing is left to read. */
  #openNext(records: RawRecord[]): boolean {
    if (this.#next.done === true) return false;
    const { bytes } = this;
    const batchAt = this.#next.value;
    if (this.#options.checksCrcs) ensureBatchValid(bytes, batchAt);
    if (magic(bytes, batchAt) < MAGIC_V2) {
      this.#readLegacy(batchAt, records);
    } else {
      const end = lastOffset(bytes, batchAt);
      if (this.#isWanted(batchAt, end)) this.#reader = this.#open(batchAt);
      this.#nextOffset = Math.max(this.#nextOffset, end + 1);
    }
    this.#next = this.#batches.next();
    return true;
  }

  #isWanted(batchAt: number, end: number): boolean {
    const { bytes } = this;
    if (end < this.#options.offset) return false;
    while (this.#upcoming[0] !== undefined && this.#upcoming[0].firstOffset <= end) {
      this.#aborted.add((this.#upcoming.shift() as Aborted).producerId);
    }
    if (isControl(bytes, batchAt)) {
      if (this.#aborted.size > 0 && isAbort(bytes, batchAt)) this.#aborted.delete(producerId(bytes, batchAt));
      return false;
    }
    return !(
      this.#aborted.size > 0 &&
      isTransactional(bytes, batchAt) &&
      this.#aborted.has(producerId(bytes, batchAt))
    );
  }

  #open(batchAt: number): RecordReader {
    const { bytes } = this;
    const { topic, partition, maxUnpackedBytes, tellsBatches } = this.#options;
    const opened = openRecords(bytes, batchAt, maxUnpackedBytes);
    if (opened.failure !== undefined) throw opened.failure;
    const isAppendTime = (attributes(bytes, batchAt) & LOG_APPEND_TIME_FLAG) !== 0;
    const unpacked = opened.bytes;
    return new RecordReader({
      topic,
      partition,
      bytes: Buffer.isBuffer(unpacked)
        ? unpacked
        : Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength),
      start: opened.start,
      end: opened.end,
      count: recordsCount(bytes, batchAt),
      baseOffset: baseOffset(bytes, batchAt),
      leaderEpoch: partitionLeaderEpoch(bytes, batchAt),
      baseTimestamp: baseTimestamp(bytes, batchAt),
      appendTime: isAppendTime ? maxTimestamp(bytes, batchAt) : undefined,
      facts: tellsBatches ? factsOf(bytes, batchAt) : undefined,
    });
  }

  /** Messages of formats 0 and 1: brokers serve what they have kept from before 0.11 as it is. */
  #readLegacy(messageAt: number, records: RawRecord[]): void {
    const { bytes } = this;
    const { topic, partition, offset: first, maxUnpackedBytes } = this.#options;
    const isAppendTime =
      magic(bytes, messageAt) === 1 && ((bytes[messageAt + LEGACY_ATTRIBUTES] as number) & LOG_APPEND_TIME_FLAG) !== 0;
    for (const { offset, timestamp, key, value } of legacyRecordsOf(bytes, messageAt, maxUnpackedBytes)) {
      if (offset < first) continue;
      records.push({
        topic,
        partition,
        offset,
        leaderEpoch: -1,
        timestamp,
        timestampType: isAppendTime ? 'LogAppendTime' : 'CreateTime',
        key: key && Buffer.from(key.buffer, key.byteOffset, key.length),
        value: value && Buffer.from(value.buffer, value.byteOffset, value.length),
        headers: [],
        keySize: key?.length ?? -1,
        valueSize: value?.length ?? -1,
      });
    }
    this.#nextOffset = Math.max(this.#nextOffset, int64At(bytes, messageAt) + 1);
    this.#readOffset = this.#nextOffset;
  }
}

/** Where the batches of an answer lead to, without opening one; with the leader epoch of the last of them. */
export function endOfBatches(bytes: Buffer, from: number): { readonly offset: number; readonly epoch: number } {
  let offset = from;
  let epoch = -1;
  for (const batchAt of batchesOf(bytes)) {
    const isLegacy = magic(bytes, batchAt) < MAGIC_V2;
    offset = Math.max(offset, (isLegacy ? int64At(bytes, batchAt) : lastOffset(bytes, batchAt)) + 1);
    if (!isLegacy) epoch = partitionLeaderEpoch(bytes, batchAt);
  }
  return { offset, epoch };
}

/** Best effort: without its package zstd is unpacked by a slower engine. */
export async function prepareCodec(codec: number): Promise<void> {
  await loadCodec(codec).catch(() => undefined);
}

function factsOf(bytes: Buffer, batchAt: number): RecordBatchFacts {
  return {
    codec: compression(bytes, batchAt),
    isTransactional: isTransactional(bytes, batchAt),
    producerId: producerId(bytes, batchAt),
    producerEpoch: producerEpoch(bytes, batchAt),
  };
}

function isAbort(bytes: Buffer, batchAt: number): boolean {
  for (const { key } of recordsOf(bytes, { at: batchAt })) {
    return controlRecordType(key) === ControlRecordType.ABORT;
  }
  return false;
}
