// How fast the metadata log grows: of at least the last half minute, however often it is asked.

const WINDOW_MS = 30_000;

interface Reading {
  readonly offset: number;
  readonly atMs: number;
}

export class RaftRates {
  #before: Reading | undefined;
  #last: Reading | undefined;

  /** Records a second; `nowMs`: of a clock that does not go back. */
  read(offset: number, nowMs: number): number {
    const reading = { offset, atMs: nowMs };
    this.#last ??= reading;
    this.#before ??= reading;
    const { offset: from, atMs } = this.#before;
    const rate = nowMs > atMs ? (Math.max(0, offset - from) * 1000) / (nowMs - atMs) : 0;
    if (nowMs - this.#last.atMs >= WINDOW_MS) {
      this.#before = this.#last;
      this.#last = reading;
    }
    return rate;
  }
}
