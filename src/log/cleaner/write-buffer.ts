// What a pass writes next: one buffer for all of it, so that rebuilt batches leave nothing to collect.
const NO_BYTES = new Uint8Array(0);

export class WriteBuffer {
  #bytes: Buffer;
  #used = 0;
  /** Batches of one chunk that follow on each other there: not copied if nothing else is written with them. */
  #chunk: Uint8Array = NO_BYTES;
  #from = 0;
  #to = 0;

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(sizeBytes);
  }

  get isEmpty(): boolean {
    return this.#used === 0 && this.#from === this.#to;
  }

  /** `bytes[at, at + sizeBytes)` stays as it is until `take` and what it gives has been written. */
  addRange(bytes: Uint8Array, at: number, sizeBytes: number): void {
    if (this.#chunk !== bytes || this.#to !== at) {
      this.#endRange();
      this.#chunk = bytes;
      this.#from = at;
    }
    this.#to = at + sizeBytes;
  }

  /** Copies `bytes`. */
  add(bytes: Uint8Array): void {
    this.#endRange();
    this.#copy(bytes);
  }

  /** All that was added, in order, valid until something is added. Empty afterwards. */
  take(): Uint8Array {
    if (this.#used === 0) {
      const range = this.#chunk.subarray(this.#from, this.#to);
      this.#to = this.#from;
      return range;
    }
    this.#endRange();
    const used = this.#used;
    this.#used = 0;
    return this.#bytes.subarray(0, used);
  }

  #endRange(): void {
    if (this.#from < this.#to) this.#copy(this.#chunk.subarray(this.#from, this.#to));
    this.#to = this.#from;
  }

  #copy(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used = needed;
  }
}
