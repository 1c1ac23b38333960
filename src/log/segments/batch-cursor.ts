// Walks the batches of a segment file by their headers alone: from one to the next without reading what is between.
import { HEADER_SIZE, int32At, LOG_OVERHEAD, MAGIC, MAGIC_V2 } from '../../protocol/records/index.ts';
import type { CachedFile } from './file-cache.ts';

/** Enough for the headers of a run of small batches; a larger batch costs one read. */
const WINDOW_BYTES = 8192;

export class BatchCursor {
  /** The header of the current batch stands at bytes[at…]; valid until `next`. */
  readonly bytes = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  at = 0;
  /** Where the current batch begins in the file, and its whole size. */
  position = 0;
  sizeBytes = 0;
  /** What stands at `nextPosition` is no batch: damage, or the end of the bytes that are valid. */
  isBroken = false;
  #file: CachedFile | undefined;
  #nextPosition = 0;
  #end = 0;
  #windowAt = 0;
  #windowBytes = 0;

  /** Begins before the batch at `position`; batches that reach beyond `end` are not given. */
  start(file: CachedFile, position: number, end: number): this {
    this.#file = file;
    this.#nextPosition = position;
    this.#end = end;
    this.#windowBytes = 0;
    this.isBroken = false;
    return this;
  }

  /** `next` gives the current batch once more. */
  again(): this {
    this.#nextPosition = this.position;
    return this;
  }

  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** False at the end, and at something that is no batch. Throws DiskError. */
  next(): boolean {
    const position = this.#nextPosition;
    if (position < 0 || position + HEADER_SIZE > this.#end) {
      this.isBroken = position !== this.#end;
      return false;
    }
    let at = position - this.#windowAt;
    if (at < 0 || at + HEADER_SIZE > this.#windowBytes) {
      const wanted = Math.min(WINDOW_BYTES, this.#end - position);
      this.#windowBytes = (this.#file as CachedFile).open().readSync(this.bytes, 0, wanted, position);
      this.#windowAt = position;
      at = 0;
      if (this.#windowBytes < HEADER_SIZE) return !(this.isBroken = true);
    }
    const sizeBytes = LOG_OVERHEAD + int32At(this.bytes, at + 8);
    if (sizeBytes < HEADER_SIZE || position + sizeBytes > this.#end || this.bytes[at + MAGIC] !== MAGIC_V2) {
      return !(this.isBroken = true);
    }
    this.at = at;
    this.position = position;
    this.sizeBytes = sizeBytes;
    this.#nextPosition = position + sizeBytes;
    return true;
  }

  /** The whole current batch, copied out of the file. */
  read(): Buffer {
    const whole = Buffer.allocUnsafeSlow(this.sizeBytes);
    const count = (this.#file as CachedFile).open().readSync(whole, 0, this.sizeBytes, this.position);
    return count === this.sizeBytes ? whole : whole.subarray(0, count);
  }
}
