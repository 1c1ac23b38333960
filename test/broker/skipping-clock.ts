// The world's clock, which a test can put forward: what was to happen meanwhile happens at once.
import type { Clock, Timer } from '../../src/runtime/index.ts';

interface Pending {
  readonly atMs: number;
  readonly action: () => void;
  timer: Timer | undefined;
}

export class SkippingClock implements Clock {
  readonly #real: Clock;
  readonly #pending = new Set<Pending>();
  #skippedMs = 0;

  constructor(real: Clock) {
    this.#real = real;
  }

  nowMs(): number {
    return this.#real.nowMs() + this.#skippedMs;
  }
  monotonicMs(): number {
    return this.#real.monotonicMs() + this.#skippedMs;
  }
  endOfTurn(action: () => void): void {
    this.#real.endOfTurn(action);
  }

  schedule(delayMs: number, action: () => void): Timer {
    const pending: Pending = { atMs: this.monotonicMs() + delayMs, action, timer: undefined };
    this.#arm(pending);
    this.#pending.add(pending);
    return {
      cancel: () => {
        pending.timer?.cancel();
        this.#pending.delete(pending);
      },
    };
  }

  /** Timers that are due by then are called in the next turns, in their order. */
  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const pending of [...this.#pending].sort((a, b) => a.atMs - b.atMs)) {
      pending.timer?.cancel();
      this.#arm(pending);
    }
  }

  #arm(pending: Pending): void {
    pending.timer = this.#real.schedule(Math.max(0, pending.atMs - this.monotonicMs()), () => {
      this.#pending.delete(pending);
      pending.action();
    });
  }
}
