// Which requests of an API are timed: each of them while there are few, one of so many while there are thousands in a second. Each
// stands for those that came before it and were not timed. How many there were is counted whatever is timed. To look at the clock, and at
// the buckets of five distributions, costs a fortieth of a small request where it is done for each.

/** So many in a window are timed; when there are more, each second one of them is not from then on. */
const MANY = 100;
const FEW = MANY / 4;
const WINDOW_MS = 100;
const LONGEST_STRIDE = 32;

export class Sampling {
  #stride = 1;
  #skips = 0;
  #untimed = 0;
  #timed = 0;
  #windowEndMs = 0;

  /** Every request is timed. */
  get isOfAll(): boolean {
    return this.#stride === 1;
  }

  /** Whether the request that begins now is timed. */
  takes(): boolean {
    if (this.#skips > 0) {
      this.#skips -= 1;
      return false;
    }
    this.#skips = this.#stride - 1;
    return true;
  }

  /** One is over that was not timed. */
  passed(): void {
    this.#untimed += 1;
  }

  /** One is over that was timed; for how many it stands. `nowMs`: of a clock that does not go back. */
  timed(nowMs: number): number {
    this.#timed += 1;
    if (nowMs >= this.#windowEndMs) this.#turnTo(nowMs);
    else if (this.#timed >= MANY && this.#stride < LONGEST_STRIDE) {
      this.#stride *= 2;
      this.#timed = 0;
    }
    return this.rest() + 1;
  }

  /** Those that no timed one stands for yet: they are the caller's to count. */
  rest(): number {
    const untimed = this.#untimed;
    this.#untimed = 0;
    return untimed;
  }

  #turnTo(nowMs: number): void {
    if (nowMs >= this.#windowEndMs + WINDOW_MS) this.#stride = 1;
    else if (this.#timed < FEW && this.#stride > 1) this.#stride /= 2;
    this.#skips = Math.min(this.#skips, this.#stride - 1);
    this.#timed = 0;
    this.#windowEndMs = nowMs + WINDOW_MS;
  }
}
