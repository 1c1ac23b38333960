// What a broker says next to the controller, and when: registration, heartbeats, and the way out (KIP-631; Kafka:
// BrokerLifecycleManager). A pure machine: it is told what has come of its last word, and says what the next one is.
//
//   not running --start--> starting: register until the controller takes us
//   starting --registered, readyToUnfence--> recovery: heartbeats that want no fence, until one is answered "not fenced"
//   recovery --not fenced--> running: a heartbeat in each interval
//   running --wantShutDown--> pending controlled shutdown: leaderships go, until one is answered "shut down"
//   any --closed--> shutting down: nothing is said any more
//
// A controller that does not know our epoch (STALE_BROKER_EPOCH, BROKER_ID_NOT_REGISTERED) is one to register with again.
import { type ErrorCode, Errors } from '../../../protocol/index.ts';

export type LifecyclePhase =
  | 'not running'
  | 'starting'
  | 'recovery'
  | 'running'
  | 'pending controlled shutdown'
  | 'shutting down';

/** What to say now, or when to look again; Infinity: when something has happened. */
export type NextWord =
  | { readonly kind: 'register' }
  | { readonly kind: 'heartbeat'; readonly wantFence: boolean; readonly wantShutDown: boolean }
  | { readonly kind: 'wait'; readonly untilMs: number };

export interface HeartbeatAnswer {
  readonly isFenced: boolean;
  readonly shouldShutDown: boolean;
}

export interface LifecycleTimes {
  /** broker.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number;
  /** broker.session.timeout.ms: the longest pause between two attempts. */
  readonly sessionTimeoutMs: number;
}

const FIRST_BACKOFF_MS = 100;
/**
 * The pause before the second word of a controlled shutdown, each later one twice as long, up to the next constant; Kafka goes on with
 * the interval. Here also until the end of the fence at the start.
 */
const SHORT_INTERVAL_MS = 50;
const LONGEST_SHUTDOWN_PAUSE_MS = 200;

export class LifecycleState {
  readonly #times: LifecycleTimes;
  #phase: LifecyclePhase = 'not running';
  #isRegistered = false;
  #brokerEpoch = -1;
  #isReadyToUnfence = false;
  #isFenced = true;
  #shutdownAnswers = 0;
  #failures = 0;
  /** When the next word is due. */
  #dueMs = 0;
  /** One word at a time. */
  #isSpeaking = false;
  /** Something came up while a word was under way. */
  #hasNews = false;

  constructor(times: LifecycleTimes) {
    this.#times = times;
  }

  get phase(): LifecyclePhase {
    return this.#phase;
  }
  /** -1 until the broker is registered. */
  get brokerEpoch(): number {
    return this.#brokerEpoch;
  }
  /** What the controller said last. */
  get isFenced(): boolean {
    return this.#isFenced;
  }
  get isRegistered(): boolean {
    return this.#isRegistered;
  }
  /** Words that failed one after the other. */
  get failures(): number {
    return this.#failures;
  }

  start(nowMs: number): void {
    this.#phase = 'starting';
    this.#dueMs = nowMs;
  }

  /** The logs are there and the metadata is published: the broker can lead partitions. */
  readyToUnfence(nowMs: number): void {
    this.#isReadyToUnfence = true;
    if (this.#phase === 'starting' && this.#isRegistered) this.#phase = 'recovery';
    this.speakSoon(nowMs);
  }

  /** Something has to be told before the interval is over. */
  speakSoon(nowMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, nowMs);
    this.#hasNews = this.#isSpeaking;
  }

  /** The registration says something new: it goes out again, in the same incarnation. */
  registerAgain(nowMs: number): void {
    this.#isRegistered = false;
    this.speakSoon(nowMs);
  }

  /** The broker gives its leaderships away, to go when it is told so. */
  wantShutDown(nowMs: number): void {
    if (this.#phase === 'shutting down') return;
    if (!this.#isRegistered) return this.close();
    this.#phase = 'pending controlled shutdown';
    this.speakSoon(nowMs);
  }

  close(): void {
    this.#phase = 'shutting down';
  }

  /** The next word, which is under way from now on until one of the answers below is given. */
  next(nowMs: number): NextWord {
    if (this.#isSpeaking || this.#phase === 'not running' || this.#phase === 'shutting down') {
      return { kind: 'wait', untilMs: Number.POSITIVE_INFINITY };
    }
    if (nowMs < this.#dueMs) return { kind: 'wait', untilMs: this.#dueMs };
    this.#isSpeaking = true;
    this.#hasNews = false;
    if (!this.#isRegistered) return { kind: 'register' };
    const wantShutDown = this.#phase === 'pending controlled shutdown';
    return { kind: 'heartbeat', wantFence: !this.#isReadyToUnfence, wantShutDown };
  }

  registered(brokerEpoch: number, nowMs: number): void {
    this.#isSpeaking = false;
    this.#failures = 0;
    this.#isRegistered = true;
    this.#brokerEpoch = brokerEpoch;
    if (this.#phase === 'starting' && this.#isReadyToUnfence) this.#phase = 'recovery';
    this.#dueMs = nowMs;
  }

  heartbeatAnswered({ isFenced, shouldShutDown }: HeartbeatAnswer, nowMs: number): void {
    this.#isSpeaking = false;
    this.#failures = 0;
    this.#isFenced = isFenced;
    if (this.#phase === 'recovery' && !isFenced) this.#phase = 'running';
    if (this.#phase === 'pending controlled shutdown') {
      if (shouldShutDown) return this.close();
      const pauseMs = SHORT_INTERVAL_MS * 2 ** this.#shutdownAnswers++;
      const longestMs = Math.min(LONGEST_SHUTDOWN_PAUSE_MS, this.#times.heartbeatIntervalMs);
      return this.#waitFor(Math.min(pauseMs, longestMs), nowMs);
    }
    this.#waitFor(this.#phase === 'recovery' ? SHORT_INTERVAL_MS : this.#times.heartbeatIntervalMs, nowMs);
  }

  /** No answer, or an error: what was said is said again, after an ever longer pause. */
  failed(code: ErrorCode, nowMs: number): void {
    this.#isSpeaking = false;
    const isUnknown = code === Errors.STALE_BROKER_EPOCH || code === Errors.BROKER_ID_NOT_REGISTERED;
    const isFirst = this.#isRegistered && isUnknown;
    if (isUnknown) this.#isRegistered = false;
    this.#failures += 1;
    const pauseMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), this.#times.sessionTimeoutMs);
    this.#waitFor(isFirst ? 0 : pauseMs, nowMs);
  }

  /** What came up while a word was under way is due already. */
  #waitFor(pauseMs: number, nowMs: number): void {
    this.#dueMs = this.#hasNews ? nowMs : nowMs + pauseMs;
  }
}
