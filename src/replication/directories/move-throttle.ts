// How fast moves between log directories may go: replica.alter.log.dirs.io.max.bytes.per.second, over all of them (KIP-113).
import { type Clock, delay } from '../../runtime/index.ts';

/** The longest that a change of the rate waits to be noticed. */
const LONGEST_PAUSE_MS = 100;

export class MoveThrottle {
  readonly #clock: Clock;
  readonly #maxBytesPerSecond: () => number;
  /** Copied, and not yet paid for with time. */
  #debtBytes = 0;
  #paidAtMs = 0;

  constructor(clock: Clock, maxBytesPerSecond: () => number) {
    this.#clock = clock;
    this.#maxBytesPerSecond = maxBytesPerSecond;
  }

  /** Resolves when the next bytes may be copied, or when `isOff`. */
  async admitted(isOff: () => boolean): Promise<void> {
    for (;;) {
      const rate = this.#maxBytesPerSecond();
      this.#pay(rate);
      if (isOff() || (rate > 0 && this.#debtBytes <= 0)) return;
      const untilPaidMs = rate > 0 ? Math.ceil((this.#debtBytes * 1000) / rate) : LONGEST_PAUSE_MS;
      await delay(this.#clock, Math.min(LONGEST_PAUSE_MS, untilPaidMs));
    }
  }

  note(bytes: number): void {
    this.#debtBytes += bytes;
  }

  #pay(rate: number): void {
    const now = this.#clock.monotonicMs();
    this.#debtBytes = Math.max(0, this.#debtBytes - ((now - this.#paidAtMs) * rate) / 1000);
    this.#paidAtMs = now;
  }
}
