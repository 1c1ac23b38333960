// Walks the batches of a segment file by their headers alone: from one to the next without reading what is between. Messages of
// formats 0 and 1 are read whole, and given a header of the layout of format 2.
import {
  HEADER_SIZE,
  int32At,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_V2,
  putLegacyHeader,
  SMALLEST_BATCH,
} from '../../protocol/records/index.ts';
import type { CachedFile } from './file-cache.ts';

/** Enough for the headers of a run of small batches; a larger batch costs one read. */
const WINDOW_BYTES = 8192;

export class BatchCursor {
  /** The header of the current batch stands at bytes[at…]; valid until `next`. */
  bytes: Buffer;
  at = 0;
  /** Where the current batch begins in the file, and its whole size. */
  position = 0;
  sizeBytes = 0;
  /** What stands at `nextPosition` is no batch: damage, or the end of the bytes that are valid. */
  isBroken = false;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #legacyHeader: Buffer | undefined;
  #file: CachedFile | undefined;
  #nextPosition = 0;
  #end = 0;
  #windowAt = 0;
  #windowBytes = 0;

  constructor() {
    this.bytes = this.#window;
  }

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
    if (position < 0 || position + SMALLEST_BATCH > this.#end) {
      this.isBroken = position !== this.#end;
      return false;
    }
    const window = this.#window;
    let at = position - this.#windowAt;
    if (at < 0 || at + HEADER_SIZE > this.#windowBytes) {
      const wanted = Math.min(WINDOW_BYTES, this.#end - position);
      this.#windowBytes = (this.#file as CachedFile).open().readSync(window, 0, wanted, position);
      this.#windowAt = position;
      at = 0;
      const leastBytes = (window[MAGIC] as number) < MAGIC_V2 ? SMALLEST_BATCH : HEADER_SIZE;
      if (this.#windowBytes < leastBytes) return !(this.isBroken = true);
    }
    const magic = window[at + MAGIC] as number;
    if (magic < MAGIC_V2) return this.#takeLegacy(position, at);
    const sizeBytes = LOG_OVERHEAD + int32At(window, at + 8);
    if (sizeBytes < HEADER_SIZE || position + sizeBytes > this.#end || magic !== MAGIC_V2) {
      return !(this.isBroken = true);
    }
    if (this.bytes !== window) this.bytes = window;
    this.at = at;
    this.position = position;
    this.sizeBytes = sizeBytes;
    this.#nextPosition = position + sizeBytes;
    return true;
  }

  /** The first offset of a compressed message stands within, and nothing but its checksum tells one from damage. */
  #takeLegacy(position: number, at: number): boolean {
    const sizeBytes = LOG_OVERHEAD + int32At(this.#window, at + 8);
    if (sizeBytes < SMALLEST_BATCH || position + sizeBytes > this.#end) return !(this.isBroken = true);
    const isInWindow = at + sizeBytes <= this.#windowBytes;
    const whole = isInWindow ? this.#window : this.#readAt(position, sizeBytes);
    const header = (this.#legacyHeader ??= Buffer.allocUnsafeSlow(HEADER_SIZE));
    if (!putLegacyHeader(whole, isInWindow ? at : 0, header)) return !(this.isBroken = true);
    this.bytes = header;
    this.at = 0;
    this.position = position;
    this.sizeBytes = sizeBytes;
    this.#nextPosition = position + sizeBytes;
    return true;
  }

  /** The whole current batch, copied out of the file. */
  read(): Buffer {
    return this.#readAt(this.position, this.sizeBytes);
  }

  #readAt(position: number, sizeBytes: number): Buffer {
    const whole = Buffer.allocUnsafeSlow(sizeBytes);
    const count = (this.#file as CachedFile).open().readSync(whole, 0, sizeBytes, position);
    return count === sizeBytes ? whole : whole.subarray(0, count);
  }
}
