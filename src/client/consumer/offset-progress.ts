// Records of a partition that are under way at the same time, and up to where all of them are done: offsets are committed up to there.
export class OffsetProgress {
  /** In order. */
  readonly #offsets: number[] = [];
  readonly #done = new Set<number>();
  #first = 0;
  #latest = -1;

  get isEmpty(): boolean {
    return this.#first === this.#offsets.length;
  }

  /** Larger than all before. */
  begin(offset: number): void {
    this.#offsets.push(offset);
  }

  /** The record is worked on. */
  work(offset: number): void {
    this.#latest = Math.max(this.#latest, offset);
  }

  /** Whether one behind it is worked on already, or done: that cannot be committed before this one is done. */
  isOvertaken(offset: number): boolean {
    return offset < this.#latest;
  }

  /** Resolves to the offset behind the last one that is done with all before it, when that is another one now. */
  done(offset: number): number | undefined {
    this.#done.add(offset);
    let end: number | undefined;
    for (let head = this.#offsets[this.#first]; head !== undefined && this.#done.delete(head); ) {
      end = head + 1;
      head = this.#offsets[++this.#first];
    }
    if (this.#first > 1024 && this.#first * 2 > this.#offsets.length) {
      this.#offsets.splice(0, this.#first);
      this.#first = 0;
    }
    return end;
  }
}
