// Which offsets of the dirty part are the last of their keys, a bit for each. The second half of a pass asks that of every record:
// here it need not hash the key again, nor look for it in a table that no cache holds.

export class LatestOffsets {
  readonly #first: number;
  readonly #bits: Uint8Array;

  /** For offsets from `first` on, `count` of them, at most 2^31. */
  constructor(first: number, count: number) {
    this.#first = first;
    this.#bits = new Uint8Array(LatestOffsets.bytesFor(count));
  }

  static bytesFor(count: number): number {
    return Math.ceil(count / 8);
  }

  add(offset: number): void {
    const bit = offset - this.#first;
    const at = bit >>> 3;
    this.#bits[at] = (this.#bits[at] as number) | (1 << (bit & 7));
  }

  delete(offset: number): void {
    const bit = offset - this.#first;
    const at = bit >>> 3;
    this.#bits[at] = (this.#bits[at] as number) & ~(1 << (bit & 7));
  }

  has(offset: number): boolean {
    const bit = offset - this.#first;
    return ((this.#bits[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;
  }
}
