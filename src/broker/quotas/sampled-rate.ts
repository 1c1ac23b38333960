// A rate over the last samples (Kafka: Rate over SampledStat): values go into samples of one window each; what is older than all
// windows together does not count. While there are few samples the time is raised to that of nearly all of them, so that a burst
// of several windows' worth passes before the rate is above the limit.
export interface RateWindows {
  /** quota.window.num */
  readonly samples: number;
  /** quota.window.size.seconds, in milliseconds. */
  readonly windowMs: number;
}

interface Sample {
  startMs: number;
  lastMs: number;
  value: number;
}

export class SampledRate {
  readonly #windows: RateWindows;
  readonly #samples: Sample[] = [];
  #current = 0;

  constructor(windows: RateWindows) {
    this.#windows = windows;
  }

  /** `nowMs` on the monotonic clock; `value` may take back what was recorded. */
  record(value: number, nowMs: number): void {
    let sample = this.#samples[this.#current];
    if (sample === undefined) this.#samples.push((sample = { startMs: nowMs, lastMs: nowMs, value: 0 }));
    else if (nowMs - sample.startMs >= this.#windows.windowMs) sample = this.#advance(nowMs);
    sample.value += value;
    sample.lastMs = nowMs;
  }

  /** How long to wait until the rate is `limit` (per second) again, in milliseconds; 0 when it is not above. */
  throttleMs(limit: number, nowMs: number): number {
    const sum = this.#sum(nowMs);
    const elapsedMs = this.#elapsedMs(nowMs);
    const rate = elapsedMs > 0 ? (sum * 1000) / elapsedMs : 0;
    if (rate <= limit) return 0;
    return limit <= 0 ? elapsedMs : Math.round(((rate - limit) / limit) * elapsedMs);
  }

  #advance(nowMs: number): Sample {
    // One more than counts, so that a sample that has only just become too old keeps what it has.
    this.#current = (this.#current + 1) % (this.#windows.samples + 1);
    const fresh = { startMs: nowMs, lastMs: nowMs, value: 0 };
    this.#samples[this.#current] = fresh;
    return fresh;
  }

  #sum(nowMs: number): number {
    const { samples, windowMs } = this.#windows;
    let sum = 0;
    for (const sample of this.#samples) {
      if (nowMs - sample.lastMs >= samples * windowMs) {
        sample.startMs = sample.lastMs = nowMs;
        sample.value = 0;
      }
      sum += sample.value;
    }
    return sum;
  }

  #elapsedMs(nowMs: number): number {
    const { samples, windowMs } = this.#windows;
    let oldestMs = nowMs;
    for (const { startMs } of this.#samples) oldestMs = Math.min(oldestMs, startMs);
    const elapsedMs = nowMs - oldestMs;
    const missing = samples - 1 - Math.floor(elapsedMs / windowMs);
    return missing > 0 ? elapsedMs + missing * windowMs : elapsedMs;
  }
}
