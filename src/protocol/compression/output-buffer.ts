// Bytes that grow while they are unpacked, up to a limit: memory follows what the stream really holds, not what it claims.
import { CompressionError } from './compression-error.ts';

const SMALLEST = 4096;

export class OutputBuffer {
  #bytes: Buffer;
  readonly #limit: number;
  length = 0;

  /** `guess` is what to begin with; it is cut to `limit`. */
  constructor(limit: number, guess: number) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafe(Math.min(limit, Math.max(SMALLEST, guess)));
  }

  /** Bytes that may still be added. */
  get room(): number {
    return this.#limit - this.length;
  }

  /** Adds a copy. Throws CompressionError (`limit`). */
  add(bytes: Uint8Array): void {
    this.extend(bytes.length).set(bytes);
  }

  /** Makes room for `size` bytes at the end and gives the view to fill. Throws CompressionError (`limit`). */
  extend(size: number): Uint8Array {
    if (size > this.room) throw this.limitExceeded();
    const needed = this.length + size;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.length = needed;
    return this.#bytes.subarray(needed - size, needed);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  limitExceeded(): CompressionError {
    return new CompressionError('limit', `compressed data unpacks to more than ${this.#limit} bytes`, this.bytes());
  }
}
