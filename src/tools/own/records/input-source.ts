// Bytes of a stream, taken by length or up to a delimiter, over the borders of its chunks.

export class InputSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #largestBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(input: AsyncIterable<Uint8Array>, largestBytes: number) {
    this.#chunks = input[Symbol.asyncIterator]();
    this.#largestBytes = largestBytes;
  }

  /** Whether there is nothing more. */
  async isAtEnd(): Promise<boolean> {
    while (this.#held.length === 0 && !this.#isOver) await this.#more();
    return this.#held.length === 0;
  }

  /** So many bytes, or fewer at the end. Rejects with Error when that is more than may be held. */
  async take(size: number): Promise<Buffer> {
    while (this.#held.length < size && !this.#isOver) await this.#more();
    return this.#cut(Math.min(size, this.#held.length), 0);
  }

  /** What stands before the delimiter, which is passed over; undefined: it does not come any more, and nothing is taken. */
  async takeUntil(delimiter: Buffer): Promise<Buffer | undefined> {
    let from = 0;
    for (;;) {
      const at = this.#held.indexOf(delimiter, from);
      if (at !== -1) return this.#cut(at, delimiter.length);
      if (this.#isOver) return undefined;
      from = Math.max(0, this.#held.length - delimiter.length + 1);
      await this.#more();
    }
  }

  async takeRest(): Promise<Buffer> {
    while (!this.#isOver) await this.#more();
    return this.#cut(this.#held.length, 0);
  }

  /** Bytes from here on for which `isWanted` holds. */
  async takeWhile(isWanted: (byte: number) => boolean): Promise<Buffer> {
    let size = 0;
    for (;;) {
      while (size < this.#held.length && isWanted(this.#held[size] as number)) size += 1;
      if (size < this.#held.length || this.#isOver) return this.#cut(size, 0);
      await this.#more();
    }
  }

  #cut(size: number, passedOver: number): Buffer {
    const part = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size + passedOver);
    return part;
  }

  async #more(): Promise<void> {
    if (this.#held.length > this.#largestBytes) {
      throw new Error(`a record of the input is larger than ${this.#largestBytes} bytes, or its delimiter never comes`);
    }
    const { done, value } = await this.#chunks.next();
    if (done === true) this.#isOver = true;
    else this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
  }
}
