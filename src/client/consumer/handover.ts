// What of each partition the program has in hand: who wants to give a partition up waits until it comes back.
import { type Clock, delay } from '../../runtime/index.ts';
import type { PartitionState } from './partition-state.ts';

export class Handover {
  readonly #clock: Clock;
  readonly #out = new Map<PartitionState, number>();
  #news: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOut(state: PartitionState): boolean {
    return this.#out.has(state);
  }

  give(state: PartitionState): void {
    this.#out.set(state, (this.#out.get(state) ?? 0) + 1);
  }

  /** What was given once is back. */
  back(state: PartitionState): void {
    const count = this.#out.get(state) ?? 0;
    if (count > 1) {
      this.#out.set(state, count - 1);
      return;
    }
    this.#out.delete(state);
    const waiting = this.#news;
    this.#news = [];
    for (const tell of waiting) tell();
  }

  /** Resolves when nothing of them is out, or `deadlineMs` (monotonic) is over. */
  async drained(states: readonly PartitionState[], deadlineMs: number): Promise<void> {
    while (states.some((state) => this.#out.has(state))) {
      const restMs = deadlineMs - this.#clock.monotonicMs();
      if (restMs <= 0) return;
      const news = new Promise<void>((resolve) => this.#news.push(resolve));
      await Promise.race([news, delay(this.#clock, restMs)]);
    }
  }
}
