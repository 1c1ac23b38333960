// Long work on the event loop, in slices: opening ten thousand logs or scanning a gigabyte must not keep the loop from
// everything else. The work is a generator that yields now and then; whoever may not wait drains it at once.
import type { Clock } from '../runtime/index.ts';

const SLICE_MS = 20;

export class SlicedWork {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #giveWay: () => Promise<void>;
  #sliceEndMs: number;

  /** `giveWay`: what is waited for between two slices; left out, one turn of the event loop. */
  constructor(clock: Clock, sliceMs = SLICE_MS, giveWay = () => endOfTurn(clock)) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
    this.#giveWay = giveWay;
    this.#sliceEndMs = clock.monotonicMs() + sliceMs;
  }

  async run<T>(work: Generator<void, T, void>): Promise<T> {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (this.isDue) await this.pause();
    }
  }

  /** In this turn if all of it fits into the slice, else as `run` does. */
  begin<T>(work: Generator<void, T, void>): T | Promise<T> {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (this.isDue) return this.pause().then(() => this.run(work));
    }
  }

  /** Returns at once within a slice; at its end the event loop gets its turn. */
  async pause(): Promise<void> {
    if (this.#clock.monotonicMs() < this.#sliceEndMs) return;
    await this.#giveWay();
    this.#sliceEndMs = this.#clock.monotonicMs() + this.#sliceMs;
  }

  /** True when a slice is over: for loops that spare themselves the promise. */
  get isDue(): boolean {
    return this.#clock.monotonicMs() >= this.#sliceEndMs;
  }
}

/** Everything else has had its turn of the event loop. */
export function endOfTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.endOfTurn(resolve));
}

/** Does all of it before returning. */
export function runAtOnce<T>(work: Generator<void, T, void>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
