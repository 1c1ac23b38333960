// Records of a partition that are under way at the same time, and up to where all of them are done: offsets are committed up to there.

/** Up to where all is done, and the leader epoch of the last record before: a commit with another epoch would look like a log that was cut. */
export interface DonePrefix {
  readonly end: number;
  readonly leaderEpoch: number;
}

export class OffsetProgress {
  /** In order. */
  readonly #offsets: number[] = [];
  /** Of those, one for one. */
  readonly #epochs: number[] = [];
  readonly #done = new Set<number>();
  #first = 0;
  #latest = -1;

  get isEmpty(): boolean {
    return this.#first === this.#offsets.length;
  }

  /** Larger than all before. */
  begin(offset: number, leaderEpoch: number): void {
    this.#offsets.push(offset);
    this.#epochs.push(leaderEpoch);
  }

  /** The record is worked on. */
  work(offset: number): void {
    this.#latest = Math.max(this.#latest, offset);
  }

  /** Whether one behind it is worked on already, or done: that cannot be committed before this one is done. */
  isOvertaken(offset: number): boolean {
    return offset < this.#latest;
  }

  /** The offset behind the last one that is done with all before it, when that is another one now. */
  done(offset: number): DonePrefix | undefined {
    this.#done.add(offset);
    const before = this.#first;
    for (let head = this.#offsets[before]; head !== undefined && this.#done.delete(head); ) {
      head = this.#offsets[++this.#first];
    }
    if (this.#first === before) return undefined;
    const last = this.#first - 1;
    const prefix = { end: (this.#offsets[last] as number) + 1, leaderEpoch: this.#epochs[last] as number };
    if (this.#first > 1024 && this.#first * 2 > this.#offsets.length) {
      this.#offsets.splice(0, this.#first);
      this.#epochs.splice(0, this.#first);
      this.#first = 0;
    }
    return prefix;
  }
}
