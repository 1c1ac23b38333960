// A client that pushes metrics, or is to: what it was asked for, and when it was last heard of (Kafka: ClientMetricsInstance).
// It may ask or push once in an interval; a push behind an answer comes earlier, since clients spread their pushes.
import type { TelemetryClient } from '../../api-handlers/index.ts';
import { type ErrorCode, Errors, uuidToBytes } from '../../protocol/index.ts';
import { crc32c } from '../../protocol/records/index.ts';
import type { ClientSubscriptions, WantedMetrics } from './client-subscriptions.ts';

/** After these errors a client asks again at once. */
const ASKS_AGAIN_AFTER: ReadonlySet<ErrorCode> = new Set([
  Errors.UNKNOWN_SUBSCRIPTION_ID,
  Errors.UNSUPPORTED_COMPRESSION_TYPE,
]);

/** How long a client is remembered at least. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_INTERVALS = 3;

export class ClientInstance {
  readonly id: string;
  /** The client as it was when it was first heard of. */
  readonly client: TelemetryClient;
  /** That it was asked with; others now mean that it is asked anew. */
  readonly subscriptions: ClientSubscriptions;
  readonly wanted: WantedMetrics;
  readonly subscriptionId: number;
  /** It has said that it ends. */
  isTerminating = false;
  lastError: ErrorCode = Errors.NONE;
  #expiresAtMs = 0;
  #askedAtMs = -Infinity;
  #pushedAtMs = -Infinity;

  constructor(id: string, client: TelemetryClient, subscriptions: ClientSubscriptions) {
    this.id = id;
    this.client = client;
    this.subscriptions = subscriptions;
    this.wanted = subscriptions.wantedOf(id, client);
    this.subscriptionId = subscriptionIdOf(id, this.wanted);
  }

  /** It was heard of now, on the monotonic clock. */
  touch(nowMs: number): void {
    this.#expiresAtMs = nowMs + Math.max(REMEMBERED_MS, this.wanted.pushIntervalMs * REMEMBERED_INTERVALS);
  }
  isExpired(nowMs: number): boolean {
    return nowMs >= this.#expiresAtMs;
  }

  /** Whether it may be told its subscription now. */
  mayAsk(nowMs: number): boolean {
    if (nowMs - Math.max(this.#askedAtMs, this.#pushedAtMs) >= this.wanted.pushIntervalMs) {
      this.#askedAtMs = nowMs;
      return true;
    }
    return ASKS_AGAIN_AFTER.has(this.lastError);
  }
  /** Whether it may push now. */
  mayPush(nowMs: number): boolean {
    const isFirstSinceAsked = this.#askedAtMs > this.#pushedAtMs;
    if (!isFirstSinceAsked && nowMs - this.#pushedAtMs < this.wanted.pushIntervalMs) return false;
    this.#pushedAtMs = nowMs;
    return true;
  }
}

/** The same for the same client and the same wishes, on whatever broker. */
function subscriptionIdOf(id: string, { metrics, pushIntervalMs }: WantedMetrics): number {
  return crc32c(Buffer.from(`[${metrics.join(', ')}]${pushIntervalMs}`)) ^ uuidHash(id);
}

/** As Java's Uuid.hashCode. */
function uuidHash(id: string): number {
  const view = new DataView(uuidToBytes(id).buffer);
  return view.getInt32(0) ^ view.getInt32(4) ^ view.getInt32(8) ^ view.getInt32(12);
}
