// One end of a simulated connection. What is sent is queued at the other end as arrivals in order: pieces of data, the end,
// the close. As TCP does it, what a cut way has lost is sent again, ever more seldom, until the sender gives up.
import { assert } from '../assert.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Connection, ConnectionEvents } from '../network.ts';
import { type Random, randomInt } from '../random.ts';
import type { Accept, Mortal, Pace, Way } from './links.ts';

/** Linux sends lost data again after these times, and gives up after tcp_retries2 (15) of them. */
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 120_000;
const GIVE_UP_MS = 924_600;
/** What is sent in one call mostly arrives in one piece. */
const WHOLE_SHARE = 0.7;

export interface SimConnectionOptions {
  readonly clock: Clock;
  /** Of the process of this end; left out, it is always quick. */
  readonly pace?: Pace | undefined;
  readonly random: Random;
  /** The longest that a piece of data travels beyond the latency of its way. */
  readonly slowestMs: number;
  /** The link on which everything comes to this end. */
  readonly inbound: Way;
  /** The machine of this end has no power: what comes to it is lost. */
  readonly isOff: () => boolean;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

interface Arrival {
  readonly atMs: number;
  readonly arrive: () => void;
  /** With it all is here of what was sent in one call: the machine says so, whatever its process does. */
  readonly isLast: boolean;
  /** It does not wait for `resume`. */
  readonly isAlways: boolean;
  /** The end that gives up when it cannot arrive: the peer that sent it; this end for an acknowledgement that it waits for. */
  readonly isAcknowledgement: boolean;
  readonly isReset: boolean;
}

interface Unacknowledged {
  readonly sizeBytes: number;
  readonly sent: (() => void) | undefined;
}

export class SimConnection implements Connection, Mortal {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly #options: SimConnectionOptions;
  #peer: SimConnection | undefined;
  #events: ConnectionEvents | undefined;
  #unsentBytes = 0;
  readonly #unacknowledged: Unacknowledged[] = [];
  #isPaused = false;
  #isEnded = false;
  #isClosed = false;
  /** The process of this end is no more: nobody is told anything, and what still arrives is answered with a reset. */
  #isGone = false;
  /** When the last thing that travels to this end arrives; nothing overtakes. */
  #arrivesAtMs = 0;
  readonly #travelling: Arrival[] = [];
  #timer: Timer | undefined;
  #lostSinceMs: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  readonly #held: (() => void)[] = [];

  constructor(options: SimConnectionOptions) {
    this.#options = options;
    this.localAddress = options.localAddress;
    this.localPort = options.localPort;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
  }

  /** The two ends of a connection, whose owners are made with `accept`, the dialling side first. */
  static establish(dialled: SimConnection, accept: Accept, accepted: SimConnection, listener: Accept): void {
    dialled.#peer = accepted;
    accepted.#peer = dialled;
    dialled.#events = accept(dialled);
    accepted.#events = listener(accepted);
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  send(buffers: readonly Uint8Array[], sent?: () => void): void {
    const bytes = Buffer.concat(buffers);
    if (this.#isClosed || this.#isEnded || bytes.length === 0) {
      if (sent !== undefined) queueMicrotask(sent);
      return;
    }
    const peer = this.#other;
    this.#unsentBytes += bytes.length;
    this.#unacknowledged.push({ sizeBytes: bytes.length, sent });
    const isWhole = this.#options.random.next() < WHOLE_SHARE;
    for (let at = 0; at < bytes.length; ) {
      const end = isWhole ? bytes.length : Math.min(bytes.length, at + this.#pieceBytes(bytes.length));
      const piece = bytes.subarray(at, end);
      peer.#travel(() => peer.#receive(piece), { isLast: end === bytes.length });
      at = end;
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#options.clock.schedule(0, () => this.#releaseHeld());
  }

  probe(): void {
    if (this.#isClosed) return;
    this.#other.#travelAlways(() => undefined);
  }

  end(): void {
    if (this.#isEnded || this.#isClosed) return;
    this.#isEnded = true;
    const peer = this.#other;
    peer.#travel(() => peer.#peerEnded());
  }

  destroy(): void {
    if (this.#isClosed) return;
    const peer = this.#other;
    this.#options.clock.schedule(0, () => this.#tellClosed());
    this.#isClosed = true;
    peer.#travelAlways(() => peer.#closeHere());
  }

  abort(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.clock.schedule(0, () => {
      this.#tellClosed();
      this.#isGone = true;
    });
    this.#other.#lose();
    // A reset is not sent again: where it is lost the peer hears of it when it sends something.
    if (!this.#other.#options.inbound.isCut) this.#reset();
  }

  /** The machine resets the connection now, or, when it has forgotten it, as soon as something comes for it. */
  die(isTold: boolean): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isClosed = true;
    if (isTold) this.#reset();
  }

  /** Something on the way has broken the connection: both ends hear of it, each when it can. */
  reset(): void {
    if (this.#isClosed) return;
    this.#reset();
    this.#travel(() => this.#wasReset('the connection was reset'), { isAlways: true, isReset: true });
  }

  #pieceBytes(wholeBytes: number): number {
    return randomInt(this.#options.random, 1, Math.max(2, wholeBytes));
  }

  get #other(): SimConnection {
    assert(this.#peer !== undefined, 'the connection was used before it was accepted');
    return this.#peer;
  }

  #reset(): void {
    const peer = this.#other;
    peer.#travel(() => peer.#wasReset('the peer reset the connection'), { isAlways: true, isReset: true });
  }

  /** What this machine has sent and a cut way has lost, it sends no more. */
  #wasReset(words: string): void {
    if (this.#other.#lostSinceMs !== undefined) this.#other.#lose();
    this.#closeHere(failure('ECONNRESET', words));
  }

  /** Lets something arrive here after all that was sent before. */
  #travel(
    arrive: () => void,
    how: { isAlways?: true; isAcknowledgement?: true; isReset?: true; isLast?: boolean } = {},
  ): void {
    const { clock, random, slowestMs, inbound } = this.#options;
    const soonestMs = clock.monotonicMs() + inbound.latencyMs + random.next() * slowestMs;
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, soonestMs);
    const { isAlways = false, isAcknowledgement = false, isReset = false, isLast = false } = how;
    this.#travelling.push({ atMs: this.#arrivesAtMs, arrive, isAlways, isAcknowledgement, isReset, isLast });
    if (this.#timer === undefined) this.#awaitNext();
  }

  #travelAlways(arrive: () => void): void {
    this.#travel(arrive, { isAlways: true });
  }

  /** The peer's machine sends none of it again; what has arrived it has told so, and a reset may be somebody else's. */
  #lose(): void {
    const kept = this.#travelling.filter(({ isAcknowledgement, isReset }) => isAcknowledgement || isReset);
    this.#travelling.splice(0, this.#travelling.length, ...kept);
    this.#timer?.cancel();
    this.#awaitNext();
  }

  #awaitNext(): void {
    const [next] = this.#travelling;
    const nowMs = this.#options.clock.monotonicMs();
    this.#timer = next && this.#options.clock.schedule(Math.max(0, next.atMs - nowMs), () => this.#arrived());
  }

  #arrived(): void {
    const { clock, inbound, isOff } = this.#options;
    if (inbound.isCut || (this.#isGone && isOff())) return this.#lost(clock.monotonicMs());
    if (this.#isHeldUp()) return;
    this.#lostSinceMs = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    const arrival = this.#travelling.shift();
    this.#awaitNext();
    if (arrival === undefined) return;
    const { arrive, isAlways, isAcknowledgement, isReset, isLast } = arrival;
    if (this.#isGone && !isAcknowledgement) {
      // A reset is not answered: of two ends that are gone neither would ever be silent.
      if (!isReset) this.#reset();
      return;
    }
    if (isLast) this.#acknowledge();
    if (!isAlways && (this.#isPaused || this.#held.length > 0)) this.#held.push(arrive);
    else this.#take(arrive);
  }

  #take(arrive: () => void): void {
    const { pace } = this.#options;
    if (pace === undefined) arrive();
    else pace.run(arrive);
  }

  /** The process is: what has arrived waits for it. */
  #isHeldUp(): boolean {
    const { pace, clock } = this.#options;
    if (pace === undefined || this.#isGone) return false;
    const heldMs = pace.heldMs();
    if (heldMs > 0) this.#timer = clock.schedule(heldMs, () => this.#arrived());
    return heldMs > 0;
  }

  #lost(nowMs: number): void {
    this.#lostSinceMs ??= nowMs;
    if (nowMs - this.#lostSinceMs >= GIVE_UP_MS) {
      const [first] = this.#travelling.splice(0);
      this.#timer = undefined;
      const loser = first?.isAcknowledgement === true ? this : this.#other;
      return loser.#closeHere(failure('ETIMEDOUT', 'the peer acknowledges nothing'));
    }
    this.#timer = this.#options.clock.schedule(this.#retryMs, () => this.#arrived());
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  #receive(piece: Uint8Array): void {
    for (let done = 0; done < piece.length && !this.#isClosed; ) {
      const target = this.#events?.receiveBuffer() ?? new Uint8Array(piece.length);
      const count = Math.min(target.length, piece.length - done);
      target.set(piece.subarray(done, done + count));
      done += count;
      this.#events?.onReceived(count);
    }
  }

  #acknowledge(): void {
    const peer = this.#other;
    peer.#travel(() => peer.#acknowledged(), { isAlways: true, isAcknowledgement: true });
  }

  #acknowledged(): void {
    const first = this.#unacknowledged.shift();
    if (first === undefined) return;
    this.#unsentBytes -= first.sizeBytes;
    first.sent?.();
    if (this.#unsentBytes === 0 && !this.#isClosed) this.#events?.onDrained();
  }

  #peerEnded(): void {
    if (this.#isClosed) return;
    this.#events?.onEnded();
    if (this.#isEnded) this.destroy();
  }

  #closeHere(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tellClosed(error);
  }

  #tellClosed(error?: Error): void {
    if (this.#isGone) return;
    this.#unsentBytes = 0;
    for (const { sent } of this.#unacknowledged.splice(0)) sent?.();
    this.#events?.onClosed(error);
  }

  #releaseHeld(): void {
    while (!this.#isPaused) {
      const arrive = this.#held.shift();
      if (arrive === undefined) return;
      arrive();
    }
  }
}

export function failure(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}`), { code });
}
