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

/** Walks `buffers`, which begin with the batch with offset `firstOffset`. */
export function walkBatches(buffers: readonly Buffer[], firstOffset: number, holesBelow: number): Walk {
  let expected = firstOffset;
  let at = 0;
  let before = 0;
  for (let i = 0; i < buffers.length; i++) {
    const bytes = buffers[i] as Buffer;
    while (at < bytes.length) {
      const isWhole = at + SEEN_BYTES <= bytes.length;
      const header = isWhole ? bytes : headerAcross(buffers, i, at);
      if (header === undefined) return { bytes: before + at, isDamaged: false };
      const headerAt = isWhole ? at : 0;
      const magic = header[headerAt + batch.MAGIC] as number;
      // Messages of before Kafka 0.11 have another layout.
      if (magic < batch.MAGIC_V2) return { bytes: before + at, isDamaged: false };
      const first = batch.baseOffset(header, headerAt);
      const last = first + batch.lastOffsetDelta(header, headerAt);
      const sizeBytes = batch.sizeInBytes(header, headerAt);
      const isInPlace = first === expected || (first > expected && expected < holesBelow);
      if (!isInPlace || last < first || magic !== batch.MAGIC_V2 || sizeBytes < batch.HEADER_SIZE) {
        return { bytes: before + at, isDamaged: true };
      }
      expected = last + 1;
      at += sizeBytes;
    }
    at -= bytes.length;
    before += bytes.length;
  }
  return { bytes: before + at, isDamaged: false };
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
