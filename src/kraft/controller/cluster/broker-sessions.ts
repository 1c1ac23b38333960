// Which brokers have been heard of lately (Kafka: BrokerHeartbeatTracker). Soft state of the active controller: it begins
// empty with every activation, and nobody is fenced before a whole session has passed.
import type { Clock, Timer } from '../../../runtime/index.ts';

interface Session {
  readonly brokerEpoch: number;
  readonly lastHeardMs: number;
}

export interface BrokerSessionsOptions {
  readonly clock: Clock;
  /** broker.session.timeout.ms */
  readonly timeoutMs: number;
  /** The broker in this process shares our fate: while we are alive it is, and only the others can be silent. */
  readonly ownBrokerId: number;
  readonly onExpired: (brokerId: number) => void;
}

export class BrokerSessions {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #ownBrokerId: number;
  readonly #onExpired: (brokerId: number) => void;
  readonly #sessions = new Map<number, Session>();
  #timer: Timer | undefined;

  constructor({ clock, timeoutMs, ownBrokerId, onExpired }: BrokerSessionsOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#ownBrokerId = ownBrokerId;
    this.#onExpired = onExpired;
  }

  touch(brokerId: number, brokerEpoch: number): void {
    if (brokerId === this.#ownBrokerId) return;
    this.#sessions.set(brokerId, { brokerEpoch, lastHeardMs: this.#clock.monotonicMs() });
    this.#timer ??= this.#clock.schedule(this.#timeoutMs, () => this.#expire());
  }

  forget(brokerId: number): void {
    this.#sessions.delete(brokerId);
  }

  isLive(brokerId: number, brokerEpoch: number): boolean {
    if (brokerId === this.#ownBrokerId) return true;
    const session = this.#sessions.get(brokerId);
    if (session === undefined || session.brokerEpoch !== brokerEpoch) return false;
    return this.#clock.monotonicMs() - session.lastHeardMs < this.#timeoutMs;
  }

  clear(): void {
    this.#sessions.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [brokerId, { lastHeardMs }] of this.#sessions) {
      const leftMs = lastHeardMs + this.#timeoutMs - now;
      if (leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
        continue;
      }
      this.#sessions.delete(brokerId);
      this.#onExpired(brokerId);
    }
    if (Number.isFinite(nextMs)) this.#timer = this.#clock.schedule(nextMs, () => this.#expire());
  }
}
