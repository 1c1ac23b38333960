// The quota of controller mutations (Kafka: TokenBucket, ControllerMutationQuota, KIP-599): tokens come in at the limit, up to what
// all windows together give; a change takes as many as it makes partitions, and may leave the bucket below zero.
import type { RateWindows } from './sampled-rate.ts';

export class TokenBucket {
  readonly #windows: RateWindows;
  #tokens: number | undefined;
  #filledMs = 0;

  constructor(windows: RateWindows) {
    this.#windows = windows;
  }

  /** How long until the bucket is not below zero, in milliseconds; 0 when it is not. `limit`: tokens a second. */
  throttleMs(limit: number, nowMs: number): number {
    this.#fill(limit, nowMs);
    const tokens = this.#tokens ?? 0;
    if (tokens >= 0) return 0;
    return limit <= 0 ? this.#windows.windowMs : Math.round((-tokens / limit) * 1000);
  }

  take(count: number, limit: number, nowMs: number): void {
    this.#fill(limit, nowMs);
    this.#tokens = Math.min(this.#most(limit), (this.#tokens ?? 0) - count);
  }

  #most(limit: number): number {
    const { samples, windowMs } = this.#windows;
    return (samples * windowMs * limit) / 1000;
  }

  #fill(limit: number, nowMs: number): void {
    const most = this.#most(limit);
    this.#tokens =
      this.#tokens === undefined ? most : Math.min(most, this.#tokens + (limit * (nowMs - this.#filledMs)) / 1000);
    this.#filledMs = nowMs;
  }
}
