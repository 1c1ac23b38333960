// Bytes of a peer to whole frames. Memory grows with what has arrived, never with what a size promises but for peers that have
// sent as much before. It is not used again where an answer may keep views of its frame (records), save where they are
// short-lived.
import { FRAME_SIZE_BYTES, frameSizeAt } from '../framing.ts';
import { DecodeError } from '../reader.ts';

const CHUNK_SIZE = 16 * 1024;
/** A larger buffer is not kept for the next frame. */
const LARGEST_KEPT_BYTES = 2 * 1024 * 1024;

export class FrameReader {
  readonly #minFrameBytes: number;
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  /** Holds in [#start, #end) what has arrived and is no whole frame yet. */
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** The size of the largest frame that came whole. */
  #provenBytes = 0;
  readonly #areShortLived: boolean;

  /**
   * Sizes outside the bounds are the peer's fault. `areShortLived`: nobody looks at a frame any more when the next one comes,
   * so that one buffer serves all.
   */
  constructor(
    bounds: { readonly min: number; readonly max: number; readonly areShortLived?: boolean },
    onFrame: (frame: Buffer) => void,
  ) {
    this.#minFrameBytes = bounds.min;
    this.#maxFrameBytes = bounds.max;
    this.#areShortLived = bounds.areShortLived ?? false;
    this.#onFrame = onFrame;
  }

  receiveBuffer(): Uint8Array {
    if (this.#areShortLived && this.#start === this.#end && this.#bytes.length <= LARGEST_KEPT_BYTES) {
      this.#start = 0;
      this.#end = 0;
    }
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
      this.#provenBytes = Math.max(this.#provenBytes, size);
      this.#onFrame(this.#bytes.subarray(from, from + size));
    }
  }

  #makeRoom(): void {
    const arrived = this.#end - this.#start;
    const size = frameSizeAt(this.#bytes, this.#start, this.#end) ?? 0;
    const whole = FRAME_SIZE_BYTES + size;
    const trusted = size <= this.#provenBytes ? whole : arrived * 2;
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_SIZE, Math.min(whole, trusted)));
    this.#bytes.copy(larger, 0, this.#start, this.#end);
    this.#bytes = larger;
    this.#start = 0;
    this.#end = arrived;
  }
}
