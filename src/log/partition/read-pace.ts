// Which reads may block the event loop, beside those of what was just written. Old data is often in the page cache all the
// same, and a read through the thread pool costs two wake-ups that are dearer than the copy (measured: a third of a fetch's
// CPU). Nothing in Node tells what is cached, so time does: finding the place reads its first page anyway, and when that came
// at once the rest is read at once too. A read that turns out slow sends the following ones to the thread pool for twenty times
// as long as it took. One such read blocks the loop for as long as the disk takes: that much is risked to find out.
import type { Clock } from '../../runtime/index.ts';

/** A page that was cached comes in microseconds, one from a disk in a tenth of a millisecond at the very least. */
const CACHED_SEEK_MS = 0.08;
/** A megabyte from the page cache takes a fifth of this. */
const SLOW_READ_MS = 2;
const REST_PER_SLOW_MS = 20;

export class ReadPace {
  readonly #clock: Clock;
  #blockingAllowedFromMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  /** Between two blocking reads, so that others have their turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#clock.endOfTurn(resolve));
  }

  /** Whether a place that was found in `seekMs` is worth a try. */
  isCachedAt(seekMs: number): boolean {
    return seekMs < CACHED_SEEK_MS && this.mayBlock();
  }

  mayBlock(): boolean {
    return this.#blockingAllowedFromMs === 0 || this.#clock.monotonicMs() >= this.#blockingAllowedFromMs;
  }

  /** After each blocking read of old data. */
  noteBlockingRead(durationMs: number): void {
    const isSlow = durationMs > SLOW_READ_MS;
    this.#blockingAllowedFromMs = isSlow ? this.#clock.monotonicMs() + durationMs * REST_PER_SLOW_MS : 0;
  }
}
