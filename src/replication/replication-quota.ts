// How fast throttled replicas may be replicated, on their leader's side or on their own (KIP-73; Kafka: ReplicationQuotaManager):
// the rate of the last replication.quota.window.num samples against the bound that is set on the broker.
import type { Clock } from '../runtime/index.ts';

/** Which replicas of a topic are throttled: leader.replication.throttled.replicas or follower.replication.throttled.replicas. */
type Throttled = ReadonlySet<number> | 'all';

export interface QuotaWindow {
  readonly samples: number;
  readonly sampleMs: number;
}

export class ReplicationQuota {
  readonly #clock: Clock;
  readonly #brokerId: number;
  readonly #bytesPerSecond: () => number;
  readonly #window: QuotaWindow;
  readonly #topics = new Map<string, Throttled>();
  /** The oldest first. */
  #samples: { readonly beginsMs: number; bytes: number }[] = [];

  constructor(clock: Clock, brokerId: number, window: QuotaWindow, bytesPerSecond: () => number) {
    this.#clock = clock;
    this.#brokerId = brokerId;
    this.#window = window;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Nearly always false: then nothing else needs to be asked. */
  get isOn(): boolean {
    return this.#topics.size > 0;
  }

  /** What the topic's config says: a star, or `partition:broker`, comma-separated; undefined or empty: nothing. */
  configure(topic: string, replicas: string | undefined): void {
    const throttled = this.#parse(replicas ?? '');
    if (throttled === 'all' || throttled.size > 0) this.#topics.set(topic, throttled);
    else this.#topics.delete(topic);
  }

  #parse(text: string): Throttled {
    if (text.trim() === '*') return 'all';
    const pairs = text.split(',').map((pair) => pair.trim().split(':').map(Number));
    return new Set(pairs.flatMap(([partition, broker]) => (broker === this.#brokerId ? (partition ?? []) : [])));
  }

  isThrottled(topic: string, partition: number): boolean {
    const throttled = this.#topics.get(topic);
    return throttled === 'all' || throttled?.has(partition) === true;
  }

  /** Bytes of throttled replicas have gone. */
  record(bytes: number): void {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.beginsMs < this.#window.sampleMs) last.bytes += bytes;
    else this.#samples.push({ beginsMs: nowMs, bytes });
    this.#purge(nowMs);
  }

  get isExceeded(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#purge(nowMs);
    let bytes = 0;
    for (const sample of this.#samples) bytes += sample.bytes;
    const elapsedMs = Math.max(this.#window.sampleMs, nowMs - (this.#samples[0]?.beginsMs ?? nowMs));
    return (bytes * 1000) / elapsedMs > this.#bytesPerSecond();
  }

  #purge(nowMs: number): void {
    const { samples, sampleMs } = this.#window;
    const oldestMs = nowMs - samples * sampleMs;
    if (this.#samples.length > 0 && (this.#samples[0]?.beginsMs ?? 0) < oldestMs) {
      this.#samples = this.#samples.filter(({ beginsMs }) => beginsMs >= oldestMs);
    }
  }
}
