// What is read from an old segment for a fetch is walked from batch to batch by the headers, once in the life of the process:
// where one does not follow on the one before, the answer ends, and the next fetch begins there and is told. Checksums are the
// consumers' business, as in Kafka; they do not cover a batch's length and its offset.
import * as batch from '../../protocol/records/index.ts';

/** Up to the largest offset in a header: what has to be seen of a batch. */
const SEEN_BYTES = batch.LAST_OFFSET_DELTA + 4;

export interface Walk {
  /** Bytes before the first batch that was not looked at: it is out of place, or the answer was cut in its header. */
  readonly bytes: number;
  readonly isDamaged: boolean;
}

/** A set of format 0 or 1: where its first record is told only within, so that what stands behind it must follow. */
interface Unproved {
  readonly position: number;
  readonly firstOffset: number;
}
const NOTHING: Unproved = { position: -1, firstOffset: -1 };

/** Walks `buffers`, which begin with the batch with offset `firstOffset`. */
export function walkBatches(buffers: readonly Buffer[], firstOffset: number, holesBelow: number): Walk {
  let expected = firstOffset;
  let at = 0;
  let before = 0;
  let unproved = NOTHING;
  for (let i = 0; i < buffers.length; i++) {
    const bytes = buffers[i] as Buffer;
    while (at < bytes.length) {
      const isWhole = at + SEEN_BYTES <= bytes.length;
      const header = isWhole ? bytes : headerAcross(buffers, i, at);
      if (header === undefined) return ended(buffers, before + at, unproved);
      const headerAt = isWhole ? at : 0;
      const magic = header[headerAt + batch.MAGIC] as number;
      const isLegacy = magic < batch.MAGIC_V2;
      const isSet = isLegacy && batch.isLegacySet(header, headerAt);
      const first = batch.baseOffset(header, headerAt);
      const last = isLegacy ? first : first + batch.lastOffsetDelta(header, headerAt);
      const sizeBytes = batch.sizeInBytes(header, headerAt);
      const least = isLegacy ? batch.SMALLEST_BATCH : batch.HEADER_SIZE;
      const isInPlace = first === expected || (first > expected && (isSet || expected < holesBelow));
      if (!isInPlace || last < first || magic > batch.MAGIC_V2 || sizeBytes < least) {
        return { bytes: unproved === NOTHING ? before + at : unproved.position, isDamaged: true };
      }
      // The first one has been opened when it was looked for.
      const isProved = !isSet || before + at === 0 || expected < holesBelow;
      unproved = isProved ? NOTHING : { position: before + at, firstOffset: expected };
      expected = last + 1;
      at += sizeBytes;
    }
    at -= bytes.length;
    before += bytes.length;
  }
  return ended(buffers, before + at, unproved);
}

/** A last set that is whole is opened, as nothing behind it tells that its offset is right. */
function ended(buffers: readonly Buffer[], bytes: number, unproved: Unproved): Walk {
  if (unproved === NOTHING) return { bytes, isDamaged: false };
  const { position, firstOffset } = unproved;
  const message = Buffer.concat(buffers).subarray(position);
  if (message.length < batch.sizeInBytes(message) || !batch.isBatchValid(message)) return { bytes, isDamaged: false };
  const header = Buffer.alloc(batch.HEADER_SIZE);
  const isOpened = batch.putLegacyHeader(message, 0, header);
  const isInPlace = isOpened && (batch.baseOffset(header) === firstOffset || batch.isUnopenedSet(header));
  return isInPlace ? { bytes, isDamaged: false } : { bytes: position, isDamaged: true };
}

/** The header that begins in one buffer and ends in a later one; undefined when there is not all of it. */
function headerAcross(buffers: readonly Buffer[], index: number, at: number): Buffer | undefined {
  const header = Buffer.alloc(SEEN_BYTES);
  let done = 0;
  for (let i = index; i < buffers.length && done < SEEN_BYTES; i++) {
    done += (buffers[i] as Buffer).copy(header, done, i === index ? at : 0);
  }
  return done < SEEN_BYTES ? undefined : header;
}

/** The first `sizeBytes` bytes of `buffers`. */
export function firstBytes(buffers: readonly Buffer[], sizeBytes: number): Buffer[] {
  const kept: Buffer[] = [];
  let left = sizeBytes;
  for (const bytes of buffers) {
    if (left <= 0) break;
    kept.push(left < bytes.length ? bytes.subarray(0, left) : bytes);
    left -= bytes.length;
  }
  return kept;
}
