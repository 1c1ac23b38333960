import type { Clock, Timer } from '../../src/runtime/index.ts';

/** A clock at each of whose moments something may happen first: whatever waits in a coordinator waits for one of them. */
export class HookedClock implements Clock {
  readonly #clock: Clock;
  readonly #hook: () => void;

  constructor(clock: Clock, hook: () => void) {
    this.#clock = clock;
    this.#hook = hook;
  }
  nowMs(): number {
    return this.#clock.nowMs();
  }
  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }
  schedule(delayMs: number, action: () => void): Timer {
    return this.#clock.schedule(delayMs, () => {
      this.#hook();
      action();
    });
  }
  endOfTurn(action: () => void): void {
    this.#clock.endOfTurn(() => {
      this.#hook();
      action();
    });
  }
}
