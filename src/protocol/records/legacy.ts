// Messages of magic 0 and 1, which logs written before Kafka 0.11 may still hold. Only uncompressed ones are read, one message
// being a batch of its own; compressed wrappers are refused (a broker of 4.x no longer writes or accepts either).
import type { Int64 } from '../int64.ts';
import { exactInt64At, int32At, int64At } from './batch.ts';
import { optionalModule } from '../compression/optional-module.ts';
import { InvalidRecordError } from './invalid-record-error.ts';

const SIZE = 8;
const CRC = 12;
const MAGIC = 16;
const ATTRIBUTES = 17;
const OFFSET_AND_SIZE = 12;
/** Key and value may both be null: checksum, magic, attributes, two lengths. */
const SMALLEST_V0 = 14;
const SMALLEST_V1 = 22;

export interface LegacyMessage {
  readonly offset: number;
  /** -1 in magic 0. */
  readonly timestamp: Int64;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Whether the message at `at`, whole in the buffer, is long enough for its magic and its CRC-32 (not C) is right. */
export function isLegacyValid(bytes: Uint8Array, at: number): boolean {
  const size = int32At(bytes, at + SIZE);
  if (size < (bytes[at + MAGIC] === 0 ? SMALLEST_V0 : SMALLEST_V1)) return false;
  const end = at + OFFSET_AND_SIZE + size;
  return int32At(bytes, at + CRC) >>> 0 === crc32(bytes.subarray(at + MAGIC, end));
}

/** Reads the message at `at`. Throws InvalidRecordError when its lengths do not fit or it is compressed. */
export function readLegacyMessage(bytes: Uint8Array, at: number): LegacyMessage {
  const end = at + OFFSET_AND_SIZE + int32At(bytes, at + SIZE);
  const isV0 = bytes[at + MAGIC] === 0;
  if (((bytes[at + ATTRIBUTES] as number) & 0x07) !== 0) {
    throw new InvalidRecordError('compressed messages of magic 0 and 1 are not supported', 0);
  }
  const keyAt = at + (isV0 ? ATTRIBUTES + 1 : ATTRIBUTES + 9);
  if (keyAt + 8 > end) throw new InvalidRecordError('a legacy message is too short', 0);
  const keyLength = int32At(bytes, keyAt);
  const valueAt = keyAt + 4 + Math.max(0, keyLength);
  if (valueAt + 4 > end) throw new InvalidRecordError('a legacy message has a key longer than itself', 0);
  const valueLength = int32At(bytes, valueAt);
  if (valueAt + 4 + valueLength > end)
    throw new InvalidRecordError('a legacy message has a value longer than itself', 0);
  return {
    offset: int64At(bytes, at),
    timestamp: isV0 ? -1 : exactInt64At(bytes, at + ATTRIBUTES + 1),
    key: keyLength < 0 ? null : bytes.subarray(keyAt + 4, valueAt),
    value: valueLength < 0 ? null : bytes.subarray(valueAt + 4, valueAt + 4 + valueLength),
  };
}

function crc32(bytes: Uint8Array): number {
  const script = optionalModule('crc-32') as { buf(bytes: Uint8Array): number } | undefined;
  if (script === undefined) throw new InvalidRecordError('messages of magic 0 and 1 need the package crc-32', 0);
  return script.buf(bytes) >>> 0;
}
