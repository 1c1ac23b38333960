// Notices when this process, or its machine, stood still: a timer that fires late by more than load explains. Silence of others
// that was our own stall is no reason to act (spec kraft, trap T20).
import type { Clock, Timer } from '../../runtime/index.ts';

const TICK_MS = 250;
/** So late timers are on a loaded machine. */
const USUAL_MS = 50;

export class StallWatch {
  readonly #clock: Clock;
  readonly #stalled: (byMs: number) => void;
  #dueMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, stalled: (byMs: number) => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  start(): void {
    this.#dueMs = this.#clock.monotonicMs() + TICK_MS;
    this.#timer = this.#clock.schedule(TICK_MS, () => {
      this.look();
      this.start();
    });
  }

  /** To be called before silence is judged: timers that are due at the same time fire in any order. */
  look(): void {
    if (this.#timer === undefined) return;
    const now = this.#clock.monotonicMs();
    const lateMs = now - this.#dueMs;
    if (lateMs < USUAL_MS) return;
    this.#dueMs = now + TICK_MS;
    this.#stalled(lateMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
