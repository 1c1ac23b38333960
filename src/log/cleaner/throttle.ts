// Keeps the bytes that the cleaner reads and writes within log.cleaner.io.max.bytes.per.second (Kafka's Throttler): the rate is
// looked at three times a second, and what was too much is waited out.
import type { Clock } from '../../runtime/index.ts';

const CHECK_INTERVAL_MS = 300;

export class Throttle {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number;
  #periodStartMs: number;
  #bytes = 0;

  /** `bytesPerSecond` is asked at each look: it may change meanwhile. */
  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#periodStartMs = clock.monotonicMs();
  }

  /** Takes `bytes` into account; how many milliseconds to wait before more are read or written. */
  note(bytes: number): number {
    this.#bytes += bytes;
    const now = this.#clock.monotonicMs();
    const elapsedMs = now - this.#periodStartMs;
    if (elapsedMs <= CHECK_INTERVAL_MS || this.#bytes === 0) return 0;
    const waitMs = Math.max(0, (this.#bytes * 1000) / this.#bytesPerSecond() - elapsedMs);
    this.#bytes = 0;
    this.#periodStartMs = now + waitMs;
    return waitMs;
  }
}
