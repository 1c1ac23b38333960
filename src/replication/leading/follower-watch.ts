// Looks, every half of replica.lag.time.max.ms, whether followers have fallen behind. A stall of this node's own event loop must
// not count against them: time is measured without the moments in which the loop stood still.
import type { Clock, Timer } from '../../runtime/index.ts';

/** The loop is looked at this often within replica.lag.time.max.ms, but not more often than the bounds say. */
const TICKS_PER_LAG = 20;
const SHORTEST_TICK_MS = 50;
const LONGEST_TICK_MS = 1000;
/** A timer that fires later than this has met a stall. */
const STALL_MS = 100;

export class FollowerWatch {
  readonly #clock: Clock;
  readonly #maxLagMs: number;
  readonly #check: () => void;
  #timer: Timer | undefined;
  #stalledMs = 0;
  #sinceCheckMs = 0;

  /** `check` is called every half of `maxLagMs` from `start` on. */
  constructor(clock: Clock, maxLagMs: number, check: () => void) {
    this.#clock = clock;
    this.#maxLagMs = maxLagMs;
    this.#check = check;
  }

  /** Monotonic milliseconds without the stalls. */
  liveMs(): number {
    return this.#clock.monotonicMs() - this.#stalledMs;
  }

  /** Calls after the first do nothing. */
  start(): void {
    if (this.#timer === undefined) this.#plan();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #plan(): void {
    const tickMs = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, this.#maxLagMs / TICKS_PER_LAG));
    const dueMs = this.#clock.monotonicMs() + tickMs;
    this.#timer = this.#clock.schedule(tickMs, () => {
      const lateMs = this.#clock.monotonicMs() - dueMs;
      if (lateMs > STALL_MS) this.#stalledMs += lateMs;
      this.#sinceCheckMs += tickMs;
      this.#plan();
      if (this.#sinceCheckMs < this.#maxLagMs / 2) return;
      this.#sinceCheckMs = 0;
      this.#check();
    });
  }
}
