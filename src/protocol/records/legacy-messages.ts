// Messages of formats 0 and 1, as Kafka wrote them before 0.11 and still serves them (its LegacyRecord and
// AbstractLegacyRecordBatch): each is a batch of its own, and a compressed one holds a set of others. Its offset is then that of
// the last of them; theirs are absolute in format 0 and count from 0 in format 1 (KIP-31). Their times are their own, save where
// the outer one has the broker's (KIP-32).
import type { Int64 } from '../int64.ts';
import { Codecs, CompressionError, compress, decompress } from '../compression/index.ts';
import { decompressLz4 } from '../compression/lz4.ts';
import { optionalModule } from '../compression/optional-module.ts';
import * as batch from './batch.ts';
import { InvalidRecordError } from './invalid-record-error.ts';

const SIZE = 8;
const CRC = 12;
const ATTRIBUTES = 17;
const TIMESTAMP = 18;
/** What the size of a message does not count: offset and size. */
const OVERHEAD = 12;
/** Key and value may both be null: checksum, magic, attributes, from format 1 on timestamp, two lengths. */
const SMALLEST_V0 = 14;
const SMALLEST_V1 = 22;
/** The smallest thing that stands in a segment for itself. */
export const SMALLEST_BATCH = OVERHEAD + SMALLEST_V0;
/** What a set may unpack to: Kafka's largest request. */
const LARGEST_SET_BYTES = 104_857_600;
const UNKNOWN_COUNT = -1;
const LARGEST_OFFSET_DELTA = 0x7fff_ffff;

/** Shaped as the records of format 2. */
export interface LegacyRecord {
  readonly offset: number;
  /** -1 in format 0. */
  readonly timestamp: Int64;
  readonly sequence: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly never[];
}

/** Messages that stand one behind the other. */
interface MessageSet {
  readonly bytes: Uint8Array;
  /** Where each begins; at least one. */
  readonly places: readonly number[];
  /** What their offsets count from. */
  readonly baseOffset: number;
  /** Given: the broker's time, in place of their own. */
  readonly appendTime: Int64 | undefined;
}

/** Whether the message at `at`, whole in the buffer, is long enough for its format and its CRC-32 (not C) is right. */
export function isLegacyValid(bytes: Uint8Array, at: number): boolean {
  const size = batch.int32At(bytes, at + SIZE);
  if (size < (bytes[at + batch.MAGIC] === 0 ? SMALLEST_V0 : SMALLEST_V1)) return false;
  const end = at + OVERHEAD + size;
  if (end > bytes.length) return false;
  return batch.int32At(bytes, at + CRC) >>> 0 === crc32(bytes.subarray(at + batch.MAGIC, end));
}

/** The records of the message at `at`, which is valid. Throws InvalidRecordError. */
export function legacyRecordsOf(bytes: Uint8Array, at = 0, maxDecompressedBytes = LARGEST_SET_BYTES): LegacyRecord[] {
  const set = openMessages(bytes, at, maxDecompressedBytes);
  return set.places.map((place, index) => readRecord(set, place, index));
}

/**
 * Writes to `header` what a header of format 2 would tell of the message at `at`, its own magic beside, so that whoever walks a
 * segment knows one layout. A set that cannot be opened tells of its last record alone (`isUnopenedSet`). False when the message
 * is not valid, or has another offset than the last that it holds: no checksum covers that.
 */
export function putLegacyHeader(bytes: Uint8Array, at: number, header: Uint8Array): boolean {
  if (!isLegacyValid(bytes, at)) return false;
  const lastOffset = batch.int64At(bytes, at);
  const set = opened(bytes, at);
  const firstOffset = set === undefined ? lastOffset : offsetOf(set, 0);
  const holdsOthers = set !== undefined && offsetOf(set, set.places.length - 1) !== lastOffset;
  if (holdsOthers || firstOffset > lastOffset || lastOffset - firstOffset > LARGEST_OFFSET_DELTA) return false;
  const isV0 = bytes[at + batch.MAGIC] === 0;
  header.fill(0xff);
  batch.putInt64(header, batch.BASE_OFFSET, firstOffset);
  for (let i = 0; i < 4; i++) header[batch.BATCH_LENGTH + i] = bytes[at + SIZE + i] as number;
  header[batch.MAGIC] = bytes[at + batch.MAGIC] as number;
  // Codec and type of timestamp are told by the same bits.
  batch.putInt16(header, batch.ATTRIBUTES, (bytes[at + ATTRIBUTES] as number) & (isV0 ? 0x07 : 0x0f));
  batch.putInt32(header, batch.LAST_OFFSET_DELTA, lastOffset - firstOffset);
  batch.putInt32(header, batch.RECORDS_COUNT, set === undefined ? UNKNOWN_COUNT : set.places.length);
  for (let i = 0; i < 8 && !isV0; i++) header[batch.MAX_TIMESTAMP + i] = bytes[at + TIMESTAMP + i] as number;
  return true;
}

/** As `putLegacyHeader`, in a buffer of its own. Throws InvalidRecordError when the message is not valid. */
export function legacyHeader(bytes: Uint8Array, at = 0): Buffer {
  const header = Buffer.alloc(batch.HEADER_SIZE);
  if (putLegacyHeader(bytes, at, header)) return header;
  throw new InvalidRecordError('a message of format 0 or 1 does not match its checksum', 0);
}

/** Whether the message at `at` is compressed, and so holds others. */
export const isLegacySet = (bytes: Uint8Array, at = 0): boolean => codecAt(bytes, at) !== Codecs.NONE;

/** Of a header that `putLegacyHeader` has written: the message's checksum is right, and yet what it holds cannot be read. */
export const isUnopenedSet = (header: Uint8Array, at = 0): boolean =>
  batch.magic(header, at) < batch.MAGIC_V2 && batch.recordsCount(header, at) === UNKNOWN_COUNT;

const codecAt = (bytes: Uint8Array, at: number): number => (bytes[at + ATTRIBUTES] as number) & batch.COMPRESSION_MASK;

/** undefined when it cannot be. */
function opened(bytes: Uint8Array, at: number): MessageSet | undefined {
  try {
    return openMessages(bytes, at, LARGEST_SET_BYTES);
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error;
    return undefined;
  }
}

const offsetOf = ({ bytes, places, baseOffset }: MessageSet, index: number): number =>
  baseOffset + batch.int64At(bytes, places[index] as number);

function openMessages(bytes: Uint8Array, at: number, maxDecompressedBytes: number): MessageSet {
  const codec = codecAt(bytes, at);
  if (codec === Codecs.NONE) return { bytes, places: [at], baseOffset: 0, appendTime: undefined };
  const { value } = readContent(bytes, at, 0);
  if (value === null) throw new InvalidRecordError('a compressed message has no value', 0);
  const isV0 = bytes[at + batch.MAGIC] === 0;
  const unpacked = unpack(codec, value, maxDecompressedBytes, isV0);
  const places = placesIn(unpacked);
  const isAppendTime = !isV0 && ((bytes[at + ATTRIBUTES] as number) & batch.LOG_APPEND_TIME_FLAG) !== 0;
  return {
    bytes: unpacked,
    places,
    baseOffset: isV0 ? 0 : countsFrom(batch.int64At(bytes, at), batch.int64At(unpacked, places.at(-1) as number)),
    appendTime: isAppendTime ? batch.exactInt64At(bytes, at + TIMESTAMP) : undefined,
  };
}

function unpack(codec: number, value: Uint8Array, limit: number, isV0: boolean): Uint8Array {
  // zstd came with Kafka 2.1, for format 2 alone (KIP-110).
  if (codec > Codecs.LZ4)
    throw new InvalidRecordError(`codec ${codec} in a message of format 0 or 1`, 0, 'compression');
  try {
    // Writers of format 0 had the checksum of the frame's header wrong (KAFKA-3160).
    return codec === Codecs.LZ4 ? decompressLz4(value, limit, !isV0) : decompress(codec, value, limit);
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    throw new InvalidRecordError(error.message, 0, 'compression');
  }
}

/** Where the messages of an unpacked set begin. A last one that is cut is passed over, as Kafka's DataLogInputStream does. */
function placesIn(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at + OVERHEAD <= bytes.length; ) {
    const size = batch.int32At(bytes, at + SIZE);
    if (size < SMALLEST_V0) throw new InvalidRecordError('a message in a set is too short', places.length);
    if (at + OVERHEAD + size > bytes.length) break;
    places.push(at);
    at += OVERHEAD + size;
  }
  if (places.length === 0) throw new InvalidRecordError('a compressed message holds no others', 0);
  return places;
}

/** librdkafka has produced sets of which the outer offset is 0 whatever their number. */
function countsFrom(outerOffset: number, lastInnerOffset: number): number {
  if (outerOffset === 0) return 0;
  if (lastInnerOffset < 0 || lastInnerOffset > outerOffset) {
    throw new InvalidRecordError('a compressed message has a smaller offset than the last that it holds', 0);
  }
  return outerOffset - lastInnerOffset;
}

function readRecord({ bytes, baseOffset, appendTime }: MessageSet, at: number, index: number): LegacyRecord {
  const magic = bytes[at + batch.MAGIC] as number;
  if (magic > 1) throw new InvalidRecordError(`a message of format ${magic} in a set of older ones`, index);
  if (codecAt(bytes, at) !== Codecs.NONE) throw new InvalidRecordError('a compressed message in another', index);
  return {
    offset: baseOffset + batch.int64At(bytes, at),
    timestamp: magic === 0 ? batch.NO_TIMESTAMP : (appendTime ?? batch.exactInt64At(bytes, at + TIMESTAMP)),
    sequence: batch.NO_SEQUENCE,
    ...readContent(bytes, at, index),
    headers: [],
  };
}

function readContent(bytes: Uint8Array, at: number, index: number): Pick<LegacyRecord, 'key' | 'value'> {
  const end = at + OVERHEAD + batch.int32At(bytes, at + SIZE);
  const keyAt = at + (bytes[at + batch.MAGIC] === 0 ? TIMESTAMP : TIMESTAMP + 8);
  const key = readSized(bytes, keyAt, end, index);
  return { key, value: readSized(bytes, keyAt + 4 + (key?.length ?? 0), end, index) };
}

/** A negative length is null. */
function readSized(bytes: Uint8Array, at: number, end: number, index: number): Uint8Array | null {
  const length = at + 4 > end ? Infinity : batch.int32At(bytes, at);
  if (at + 4 + length > end) throw new InvalidRecordError('a key or value is longer than its message', index);
  return length < 0 ? null : bytes.subarray(at + 4, at + 4 + length);
}

/**
 * The set at `at` again, compressed as it was, with those of its messages of which `kept` says so, one at least. What is copied
 * keeps its offset and its time; the outer message gets the last offset and the latest time (Kafka's MemoryRecordsBuilder).
 */
export function buildRetainedSet(bytes: Uint8Array, at: number, kept: readonly boolean[]): Buffer {
  const isV0 = bytes[at + batch.MAGIC] === 0;
  const set = openMessages(bytes, at, LARGEST_SET_BYTES);
  const indexes = set.places.flatMap((_, index) => (kept[index] === true ? [index] : []));
  const firstOffset = offsetOf(set, indexes[0] as number);
  const messages = indexes.map((index) => retainedMessage(set, index, isV0 ? 0 : firstOffset));
  const value = compress(codecAt(bytes, at), Buffer.concat(messages));
  const keyAt = at + (isV0 ? TIMESTAMP : TIMESTAMP + 8);
  const headBytes = keyAt - at + 8;
  const whole = Buffer.alloc(headBytes + value.length);
  whole.set(bytes.subarray(at, keyAt));
  whole.writeBigInt64BE(BigInt(offsetOf(set, indexes.at(-1) as number)), 0);
  batch.putInt32(whole, SIZE, whole.length - OVERHEAD);
  if (!isV0 && set.appendTime === undefined) batch.putInt64(whole, TIMESTAMP, latestTime(set, indexes));
  batch.putInt32(whole, headBytes - 8, -1);
  batch.putInt32(whole, headBytes - 4, value.length);
  whole.set(value, headBytes);
  batch.putInt32(whole, CRC, crc32(whole.subarray(batch.MAGIC)));
  return whole;
}

/** Its offset counts from `baseOffset`. No checksum covers that. */
function retainedMessage(set: MessageSet, index: number, baseOffset: number): Buffer {
  const place = set.places[index] as number;
  const size = OVERHEAD + batch.int32At(set.bytes, place + SIZE);
  const message = Buffer.from(set.bytes.subarray(place, place + size));
  batch.putInt64(message, 0, offsetOf(set, index) - baseOffset);
  return message;
}

function latestTime({ bytes, places }: MessageSet, indexes: readonly number[]): Int64 {
  let latest: Int64 = batch.NO_TIMESTAMP;
  for (const index of indexes) {
    const time = batch.exactInt64At(bytes, (places[index] as number) + TIMESTAMP);
    if (time > latest) latest = time;
  }
  return latest;
}

let crc32: (bytes: Uint8Array) => number = (bytes) => {
  const script = optionalModule('crc-32') as { buf(bytes: Uint8Array): number } | undefined;
  if (script === undefined) throw new InvalidRecordError('messages of formats 0 and 1 need the package crc-32', 0);
  crc32 = (data) => script.buf(data) >>> 0;
  return crc32(bytes);
};
