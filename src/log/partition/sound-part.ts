// What is read from an old segment for a fetch is walked from batch to batch by the headers: where one does not follow on the
// one before, the answer ends, and the next fetch begins there and is told. Checksums are the consumers' business, as in Kafka;
// they do not cover a batch's length and its offset.
import * as batch from '../../protocol/records/index.ts';

/** Up to the largest offset in a header: what has to be seen of a batch. */
const SEEN_BYTES = batch.LAST_OFFSET_DELTA + 4;

/** `buffers`, which begin with the batch with offset `firstOffset`, up to the first one that is no batch or out of place. */
export function soundPart(buffers: Buffer[], firstOffset: number, holesBelow: number): Buffer[] {
  let expected = firstOffset;
  let at = 0;
  for (let i = 0; i < buffers.length; i++) {
    const bytes = buffers[i] as Buffer;
    for (; at < bytes.length; ) {
      const isWhole = at + SEEN_BYTES <= bytes.length;
      const header = isWhole ? bytes : headerAcross(buffers, i, at);
      // The answer was cut here by its size.
      if (header === undefined) return buffers;
      const headerAt = isWhole ? at : 0;
      // Messages of before Kafka 0.11 have another layout.
      if ((header[headerAt + batch.MAGIC] as number) < batch.MAGIC_V2) return buffers;
      const first = batch.baseOffset(header, headerAt);
      const last = first + batch.lastOffsetDelta(header, headerAt);
      const isInPlace = first === expected || (first > expected && expected < holesBelow);
      if (!isInPlace || last < first || batch.magic(header, headerAt) !== batch.MAGIC_V2) return cut(buffers, i, at);
      const sizeBytes = batch.sizeInBytes(header, headerAt);
      if (sizeBytes < batch.HEADER_SIZE) return cut(buffers, i, at);
      expected = last + 1;
      at += sizeBytes;
    }
    at -= bytes.length;
  }
  return buffers;
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

function cut(buffers: Buffer[], index: number, at: number): Buffer[] {
  const kept = buffers.slice(0, index);
  if (at > 0) kept.push((buffers[index] as Buffer).subarray(0, at));
  return kept;
}
