// What the performance tools count: latencies in windows and in all, and their percentiles.
import type { Clock } from '../../runtime/index.ts';

const MOST_SAMPLES = 500_000;
const MEGABYTE = 1024 * 1024;

export class ProducerStats {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #sampling: number;
  readonly #latencies: number[] = [];
  readonly #startMs: number;
  readonly #isSteadyState: boolean;
  #count = 0;
  #bytes = 0;
  #largest = 0;
  #sum = 0;
  #windowStartMs: number;
  #window = { count: 0, bytes: 0, largest: 0, sum: 0 };
  #isQuiet = false;

  constructor(clock: Clock, records: number, intervalMs: number, isSteadyState: boolean) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#sampling = Math.trunc(records / Math.min(records, MOST_SAMPLES));
    this.#startMs = clock.nowMs();
    this.#windowStartMs = this.#startMs;
    this.#isSteadyState = isSteadyState;
  }

  /** Windows of another one are printed from now on. */
  suppressPrinting(): void {
    this.#isQuiet = true;
  }

  /** A line to print when a window is over. */
  record(latencyMs: number, bytes: number): string | undefined {
    if (this.#count % this.#sampling === 0) this.#latencies.push(latencyMs);
    this.#count++;
    this.#bytes += bytes;
    this.#sum += latencyMs;
    this.#largest = Math.max(this.#largest, latencyMs);
    const window = this.#window;
    window.count++;
    window.bytes += bytes;
    window.sum += latencyMs;
    window.largest = Math.max(window.largest, latencyMs);
    const elapsedMs = this.#clock.nowMs() - this.#windowStartMs;
    if (elapsedMs < this.#intervalMs) return undefined;
    const line = this.#isQuiet ? undefined : this.#windowLine(elapsedMs);
    this.#window = { count: 0, bytes: 0, largest: 0, sum: 0 };
    this.#windowStartMs = this.#clock.nowMs();
    return line;
  }

  #windowLine(elapsedMs: number): string {
    const { count, bytes, largest, sum } = this.#window;
    const rate = (1000 * count) / elapsedMs;
    const megabytes = (1000 * bytes) / elapsedMs / MEGABYTE;
    return `${this.#isSteadyState ? 'In steady state. ' : ''}${count} records sent, ${rate.toFixed(1)} records/sec (${megabytes.toFixed(2)} MB/sec), ${(sum / count).toFixed(1)} ms avg latency, ${largest.toFixed(1)} ms max latency.`;
  }

  totalLine(): string {
    const elapsedMs = this.#clock.nowMs() - this.#startMs;
    const rate = (1000 * this.#count) / elapsedMs;
    const megabytes = (1000 * this.#bytes) / elapsedMs / MEGABYTE;
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    const [p50, p95, p99, p999] = [0.5, 0.95, 0.99, 0.999].map((part) => sorted[Math.trunc(part * sorted.length)] ?? 0);
    const average = (this.#sum / this.#count).toFixed(2);
    return `${this.#count}${this.#isSteadyState ? ' steady state' : ''} records sent, ${rate.toFixed(6)} records/sec (${megabytes.toFixed(2)} MB/sec), ${average} ms avg latency, ${this.#largest.toFixed(2)} ms max latency, ${p50} ms 50th, ${p95} ms 95th, ${p99} ms 99th, ${p999} ms 99.9th.`;
  }
}
