// Tells the batches of a buffer apart, in place: Kafka's ByteBufferLogInputStream with the checks of DefaultRecordBatch.
// Buffers come from the wire or a segment file and may end in the middle of a batch.
import {
  ATTRIBUTES,
  BATCH_LENGTH,
  checksum,
  HEADER_SIZE,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_V2,
  int32At,
  int64At,
  lastOffset,
  sizeInBytes,
} from './batch.ts';
import { crc32c } from './crc32c.ts';
import { isLegacyValid } from './legacy-messages.ts';

/** Kafka's smallest record overhead (magic 0): a length below it cannot be told from garbage. */
const SMALLEST_LENGTH = 14;
const LARGEST_LENGTH = 0x7fff_ffff - LOG_OVERHEAD;

/** Bytes that are not a batch: wrong length, magic or checksum. The message is Kafka's. */
export class CorruptRecordError extends Error {
  override readonly name: string = 'CorruptRecordError';
}

/** A length so near to 2^31 that Kafka's arithmetic overflows; it then fails with an error of its own (UNKNOWN_SERVER_ERROR). */
export class BatchLengthOverflowError extends CorruptRecordError {
  override readonly name = 'BatchLengthOverflowError';
}

/**
 * Size of the batch at `at`, or 0 when the buffer ends before it does. Magic 0 and 1 pass here.
 * Throws CorruptRecordError when length or magic cannot be those of a batch.
 */
export function batchSizeAt(bytes: Uint8Array, at = 0, end = bytes.length): number {
  const available = end - at;
  if (available < LOG_OVERHEAD) return 0;
  const length = int32At(bytes, at + BATCH_LENGTH);
  if (length < SMALLEST_LENGTH) {
    throw new CorruptRecordError(`Record size ${length} is less than the minimum record overhead (${SMALLEST_LENGTH})`);
  }
  if (available <= MAGIC) return 0;
  const magic = ((bytes[at + MAGIC] as number) << 24) >> 24;
  if (magic < 0 || magic > MAGIC_V2) throw new CorruptRecordError(`Invalid magic found in record: ${magic}`);
  if (length > LARGEST_LENGTH) throw new BatchLengthOverflowError(`Record size ${length} is too large`);
  return length + LOG_OVERHEAD > available ? 0 : length + LOG_OVERHEAD;
}

/** Positions of the whole batches in `bytes[start, end)`, in order. Throws CorruptRecordError as `batchSizeAt`. */
export function* batchesOf(bytes: Uint8Array, start = 0, end = bytes.length): Generator<number, void, void> {
  let at = start;
  for (let size = batchSizeAt(bytes, at, end); size > 0; size = batchSizeAt(bytes, at, end)) {
    yield at;
    at += size;
  }
}

/** Bytes in whole batches from `start` on; what follows is part of a batch. Throws CorruptRecordError. */
export function validBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let at = start;
  for (let size = batchSizeAt(bytes, at, end); size > 0; size = batchSizeAt(bytes, at, end)) at += size;
  return at - start;
}

/** The last offset of the batch at `at`, of any magic: messages of before format 2 tell theirs first. */
export const lastOffsetOf = (bytes: Uint8Array, at = 0): number =>
  (bytes[at + MAGIC] as number) < MAGIC_V2 ? int64At(bytes, at) : lastOffset(bytes, at);

/** Whether the batch at `at` (any magic, whole in the buffer) is long enough for a header and its checksum is right. */
export function isBatchValid(bytes: Uint8Array, at = 0): boolean {
  if ((bytes[at + MAGIC] as number) < MAGIC_V2) return isLegacyValid(bytes, at);
  const size = sizeInBytes(bytes, at);
  return size >= HEADER_SIZE && checksum(bytes, at) === crc32c(bytes, 0, at + ATTRIBUTES, at + size);
}

/** Throws CorruptRecordError unless the batch at `at` (any magic, whole in the buffer) has its size and checksum right. */
export function ensureBatchValid(bytes: Uint8Array, at = 0): void {
  if (bytes[at + MAGIC] !== MAGIC_V2) {
    if (!isLegacyValid(bytes, at))
      throw new CorruptRecordError('Record is corrupt: wrong checksum of a legacy message');
    return;
  }
  const size = sizeInBytes(bytes, at);
  if (size < HEADER_SIZE) {
    throw new CorruptRecordError(
      `Record batch is corrupt: the size ${size} is smaller than the minimum allowed overhead ${HEADER_SIZE}.`,
    );
  }
  const stored = checksum(bytes, at);
  const computed = crc32c(bytes, 0, at + ATTRIBUTES, at + size);
  if (stored !== computed) {
    throw new CorruptRecordError(`Record is corrupt (stored crc = ${stored}, computed crc = ${computed})`);
  }
}
