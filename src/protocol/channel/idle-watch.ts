// Ends a connection on which nothing has been asked for a while (connections.max.idle.ms; Kafka: Selector's IdleExpiryManager): a
// client closes before the broker does, whose close it would see in the middle of a request.
import type { Clock, Timer } from '../../runtime/index.ts';

export interface IdleWatchOptions {
  readonly clock: Clock;
  readonly maxIdleMs: number;
  /** Something is under way: the connection is in use, however long the answer takes. */
  readonly isBusy: () => boolean;
  /** Called once, unless it is stopped before. */
  readonly over: () => void;
}

export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #usedMs: number;
  #timer: Timer;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.#usedMs = options.clock.monotonicMs();
    this.#timer = this.#wait(options.maxIdleMs);
  }

  /** A request has left, or an answer has come. */
  used(): void {
    this.#usedMs = this.#options.clock.monotonicMs();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #wait(ms: number): Timer {
    return this.#options.clock.schedule(ms, () => {
      const { clock, maxIdleMs, isBusy, over } = this.#options;
      const restMs = isBusy() ? maxIdleMs : this.#usedMs + maxIdleMs - clock.monotonicMs();
      if (restMs > 0) this.#timer = this.#wait(restMs);
      else over();
    });
  }
}
