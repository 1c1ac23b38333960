// The bytes of records in all Fetch responses, bounded: those being read, and those that wait to leave the node. What is
// short is given out as fewer bytes in a response, never as an error.
import { assert } from '../../runtime/index.ts';

export class ResponseMemory {
  readonly #limitBytes: number;
  readonly #unsentBytes: () => number;
  #takenBytes = 0;

  /** `unsentBytes` tells how much of the responses made so far the network has not taken yet. */
  constructor(limitBytes: number, unsentBytes: () => number) {
    this.#limitBytes = limitBytes;
    this.#unsentBytes = unsentBytes;
  }

  /** How many bytes one more response may hold; 0 when all are in use. */
  get freeBytes(): number {
    return Math.max(0, this.#limitBytes - this.#takenBytes - this.#unsentBytes());
  }
  take(bytes: number): void {
    assert(bytes >= 0, 'sizes are not negative');
    this.#takenBytes += bytes;
  }
  give(bytes: number): void {
    this.#takenBytes -= bytes;
    assert(this.#takenBytes >= 0, 'no more is given back than was taken');
  }
}
