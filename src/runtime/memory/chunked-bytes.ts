// The bytes of one file in memory: a list of chunks, so that appending never moves what is there. A hole (a part that
// was skipped or added by truncation) costs nothing and reads as zeros.

import { assert } from '../assert.ts';

const CHUNK_BYTES = 256 * 1024;
/** Small files stay small: the last chunk grows by doubling from this. */
const SMALLEST_CHUNK_BYTES = 256;

export class ChunkedBytes {
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Copies up to `length` bytes from `position` into target[offset…]; the number copied, less only at the end. */
  read(target: Uint8Array, offset: number, length: number, position: number): number {
    assert(position >= 0, 'a read at a position within a file');
    const total = Math.max(0, Math.min(length, this.#sizeBytes - position));
    let done = 0;
    while (done < total) {
      const at = (position + done) % CHUNK_BYTES;
      const count = Math.min(total - done, CHUNK_BYTES - at);
      const chunk = this.#chunks[Math.floor((position + done) / CHUNK_BYTES)];
      const stored = chunk === undefined ? 0 : Math.max(0, Math.min(count, chunk.length - at));
      if (chunk !== undefined && stored > 0) target.set(chunk.subarray(at, at + stored), offset + done);
      target.fill(0, offset + done + stored, offset + done + count);
      done += count;
    }
    return total;
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0;
    while (done < bytes.length) {
      const at = (position + done) % CHUNK_BYTES;
      const count = Math.min(bytes.length - done, CHUNK_BYTES - at);
      const chunk = this.#chunkWithRoom(Math.floor((position + done) / CHUNK_BYTES), at + count);
      chunk.set(count === bytes.length ? bytes : bytes.subarray(done, done + count), at);
      done += count;
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytes.length);
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) {
      this.#chunks.length = Math.min(this.#chunks.length, Math.ceil(sizeBytes / CHUNK_BYTES));
      // What is cut off must read as zeros if the file grows over it again.
      const last = Math.floor(sizeBytes / CHUNK_BYTES);
      this.#chunks[last]?.fill(0, sizeBytes % CHUNK_BYTES);
    }
    this.#sizeBytes = sizeBytes;
  }

  toBytes(): Uint8Array {
    const all = new Uint8Array(this.#sizeBytes);
    this.read(all, 0, all.length, 0);
    return all;
  }

  clone(): ChunkedBytes {
    const copy = new ChunkedBytes();
    for (const [index, chunk] of this.#chunks.entries()) copy.#chunks[index] = chunk?.slice();
    copy.#sizeBytes = this.#sizeBytes;
    return copy;
  }

  #chunkWithRoom(index: number, neededBytes: number): Uint8Array {
    const chunk = this.#chunks[index];
    if (chunk !== undefined && chunk.length >= neededBytes) return chunk;
    const doubled = chunk === undefined ? SMALLEST_CHUNK_BYTES : chunk.length * 2;
    const grown = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(doubled, neededBytes)));
    if (chunk !== undefined) grown.set(chunk);
    this.#chunks[index] = grown;
    return grown;
  }
}
