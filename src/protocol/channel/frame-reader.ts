// Bytes of a peer to whole frames. Memory grows with what has arrived, never with what a size promises, and is not used
// again: an answer may keep views of its frame (records).
import { FRAME_SIZE_BYTES, frameSizeAt } from '../framing.ts';
import { DecodeError } from '../reader.ts';

const CHUNK_SIZE = 16 * 1024;

export class FrameReader {
  readonly #minFrameBytes: number;
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  /** Holds in [#start, #end) what has arrived and is no whole frame yet. */
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  /** Sizes outside the bounds are the peer's fault. */
  constructor(bounds: { readonly min: number; readonly max: number }, onFrame: (frame: Buffer) => void) {
    this.#minFrameBytes = bounds.min;
    this.#maxFrameBytes = bounds.max;
    this.#onFrame = onFrame;
  }

  receiveBuffer(): Uint8Array {
    if (this.#end === this.#bytes.length) this.#makeRoom();
    return this.#bytes.subarray(this.#end);
  }

  /** Throws DecodeError at a size that no frame can have, and what onFrame throws; then this reader is of no more use. */
  received(sizeBytes: number): void {
    this.#end += sizeBytes;
    for (;;) {
      const size = frameSizeAt(this.#bytes, this.#start, this.#end);
      if (size === undefined) return;
      if (size < this.#minFrameBytes || size > this.#maxFrameBytes) {
        throw new DecodeError(
          `a frame of ${size} bytes, where ${this.#minFrameBytes} to ${this.#maxFrameBytes} can be`,
        );
      }
      const from = this.#start + FRAME_SIZE_BYTES;
      if (this.#end - from < size) return;
      this.#start = from + size;
      this.#onFrame(this.#bytes.subarray(from, from + size));
    }
  }

  #makeRoom(): void {
    const arrived = this.#end - this.#start;
    const size = frameSizeAt(this.#bytes, this.#start, this.#end) ?? 0;
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_SIZE, Math.min(FRAME_SIZE_BYTES + size, arrived * 2)));
    this.#bytes.copy(larger, 0, this.#start, this.#end);
    this.#bytes = larger;
    this.#start = 0;
    this.#end = arrived;
  }
}
