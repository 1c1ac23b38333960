// Calls that wait for something to happen, and what wakes them.
import type { Clock, Timer } from '../../runtime/index.ts';
import type { CancelSignal } from '../connections/patience.ts';

export class Waiting {
  readonly #clock: Clock;
  #wakes: (() => void)[] = [];
  /** Something has happened since somebody has last waited. */
  #hasNews = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls that wait now. */
  get count(): number {
    return this.#wakes.length;
  }

  news(): void {
    this.#hasNews = true;
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  /** Resolves when there may be something new, when `signal` fires or the deadline (monotonic) is over. */
  async wait(deadlineMs: number, signal?: CancelSignal): Promise<void> {
    if (this.#hasNews) {
      this.#hasNews = false;
      // Even so others get their turn.
      await Promise.resolve();
      return;
    }
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        timer?.cancel();
        signal?.removeEventListener('abort', wake);
        this.#wakes = this.#wakes.filter((one) => one !== wake);
        resolve();
      };
      this.#wakes.push(wake);
      if (deadlineMs !== Number.POSITIVE_INFINITY) {
        timer = this.#clock.schedule(Math.max(0, deadlineMs - this.#clock.monotonicMs()), wake);
      }
      signal?.addEventListener('abort', wake, { once: true });
    });
    this.#hasNews = false;
  }
}
