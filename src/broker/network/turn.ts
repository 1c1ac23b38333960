// A turn of the event loop, as all connections of a listener share it. While it is short, each has all those of its requests begun that
// have come. Once it has become long, each has one: whoever sends requests by the hundred keeps others waiting for one of them, as in
// Kafka, where one request of a connection is in the queue at a time.
import type { Clock } from '../../runtime/index.ts';

/** A turn that has lasted longer is long. */
const LONG_MS = 5;
/** The clock is looked at before so many requests of one connection, a power of two. */
const LOOKS_EVERY = 8;

export class Turn {
  readonly #clock: Clock;
  #beganMs = 0;
  #isRunning = false;
  #isLong = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether a connection that has had so many requests begun since it went to work, at this time on the monotonic clock, may have another
   * one begun. A turn is followed from the first connection on that has more than one: where all have one it costs nothing.
   */
  admits(begun: number, sinceMs: number): boolean {
    if (begun === 0) return true;
    if (begun === 1) this.#goesOn(sinceMs);
    if (this.#isLong) return false;
    if ((begun & (LOOKS_EVERY - 1)) !== 0) return true;
    this.#isLong = this.#clock.monotonicMs() - this.#beganMs > LONG_MS;
    return !this.#isLong;
  }

  /** Calls `action` when this turn is over. */
  next(action: () => void): void {
    this.#clock.endOfTurn(action);
  }

  #goesOn(nowMs: number): void {
    if (this.#isRunning) {
      if (nowMs - this.#beganMs > LONG_MS) this.#isLong = true;
      return;
    }
    this.#isRunning = true;
    this.#beganMs = nowMs;
    this.#clock.endOfTurn(this.#ends);
  }

  readonly #ends = (): void => {
    this.#isRunning = false;
    this.#isLong = false;
  };
}

/** What one connection has of the turns. */
export class TurnShare {
  readonly #turn: Turn;
  readonly #goOn: () => void;
  /** Requests since it went to work. */
  #begun = 0;
  #sinceMs = 0;
  #isPlanned = false;

  /** `goOn`: there was more to do than the turn before had room for. */
  constructor(turn: Turn, goOn: () => void) {
    this.#turn = turn;
    this.#goOn = goOn;
  }

  /** At this time on the monotonic clock. */
  begins(nowMs: number): void {
    this.#begun = 0;
    this.#sinceMs = nowMs;
  }

  /** Whether another request may be begun now; if not, it goes on in the next turn. */
  admits(): boolean {
    if (this.#turn.admits(this.#begun++, this.#sinceMs)) return true;
    if (!this.#isPlanned) this.#turn.next(this.#planned);
    this.#isPlanned = true;
    return false;
  }

  readonly #planned = (): void => {
    this.#isPlanned = false;
    this.#goOn();
  };
}
