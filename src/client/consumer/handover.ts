// What of each partition the program has in hand: who wants to give a partition up waits until it comes back.
import { type Clock, delay } from '../../runtime/index.ts';
import type { PartitionState } from './partition-state.ts';

export class Handover {
  readonly #clock: Clock;
  readonly #out = new Map<PartitionState, number>();
  #news: (() => void)[] = [];
  #isOwed: (state: PartitionState) => boolean = () => false;

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
    this.look();
  }

  /** Beside what is out: whether something of the partition is still to be done before it is given up. */
  owes(isOwed: (state: PartitionState) => boolean): void {
    this.#isOwed = isOwed;
  }

  /** Who waits looks again whether all is back. */
  look(): void {
    const waiting = this.#news;
    this.#news = [];
    for (const tell of waiting) tell();
  }

  /** Resolves when nothing of them is out or owed, or `deadlineMs` (monotonic) is over. */
  async drained(states: readonly PartitionState[], deadlineMs: number): Promise<void> {
    while (states.some((state) => this.#out.has(state) || this.#isOwed(state))) {
      const restMs = deadlineMs - this.#clock.monotonicMs();
      if (restMs <= 0) return;
      const news = new Promise<void>((resolve) => this.#news.push(resolve));
      await Promise.race([news, delay(this.#clock, restMs)]);
    }
  }
}
