// A turn of the event loop, as all connections of a listener share it. While it is short, each has all those of its requests begun that
// have come. Once it has become long, each has one, and what is left stands in a line: whoever sends requests by the hundred keeps
// others waiting for one of them, as in Kafka, where one request of a connection is in the queue at a time. The line has a part of
// each turn, so that sockets are looked at again soon, and those go first who have not had much of it yet: a client with a few
// requests on their way does not wait for all that the greedy ones have heaped up.
import type { Clock } from '../../runtime/index.ts';

/** A turn that has lasted longer is long. */
const LONG_MS = 5;
/** What those in line have of a turn together. */
const LINE_MS = 2;
/** The shortest time of a timer; of a turn that has been long it is over already. */
const NEXT_TURN_MS = 1;
/** What one has before the next in line has its own; also of a turn in which others wait. */
const QUANTUM_MS = 0.5;
/** Whoever has had more since it went into line gives way to those who have had less. */
const GREEDY_MS = 5;
/** The clock is looked at before so many requests of one connection, a power of two. */
const LOOKS_EVERY = 8;

export class Turn {
  readonly #clock: Clock;
  #beganMs = 0;
  #isRunning = false;
  #isLong = false;
  /** Connections with requests that wait for a turn, in the order in which they came. */
  readonly #modest: TurnShare[] = [];
  readonly #greedy: TurnShare[] = [];
  #isServed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get #inLine(): number {
    return this.#modest.length + this.#greedy.length;
  }

  /**
   * Whether a connection that has had so many requests begun since it went to work, at this time on the monotonic clock, may have another
   * one begun. A turn is followed from the first connection on that has more than one: where all have one it costs nothing.
   */
  admits(begun: number, sinceMs: number): boolean {
    if (begun === 0) return true;
    if (begun === 1) this.#goesOn(sinceMs);
    if (this.#isLong) return false;
    if (this.#inLine > 0) return this.#clock.monotonicMs() - sinceMs < QUANTUM_MS;
    if ((begun & (LOOKS_EVERY - 1)) !== 0) return true;
    this.#isLong = this.#clock.monotonicMs() - this.#beganMs > LONG_MS;
    return !this.#isLong;
  }

  /** Has the connection go on in its turn, not before this one of the event loop is over. */
  queue(share: TurnShare): void {
    if (share.usedMs > GREEDY_MS) this.#greedy.push(share);
    else this.#modest.push(share);
    if (this.#isServed) return;
    this.#isServed = true;
    this.#clock.endOfTurn(this.#serve);
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

  readonly #serve = (): void => {
    this.#ends();
    try {
      this.#serveLine(this.#clock.monotonicMs());
    } finally {
      this.#isServed = this.#inLine > 0;
      // Not at the end of this turn: sockets and timers come first.
      if (this.#isServed) this.#clock.schedule(NEXT_TURN_MS, this.#serve);
    }
  };

  #serveLine(sinceMs: number): void {
    // However many are modest, one of the others goes on as well.
    let nowMs = this.#goOn(this.#greedy.shift(), sinceMs);
    while (nowMs < sinceMs + LINE_MS && this.#inLine > 0) {
      nowMs = this.#goOn(this.#modest.shift() ?? this.#greedy.shift(), nowMs);
    }
  }

  /** Returns what time it is then. */
  #goOn(share: TurnShare | undefined, nowMs: number): number {
    if (share === undefined) return nowMs;
    const isInLine = share.goOn();
    const thenMs = this.#clock.monotonicMs();
    share.usedMs = isInLine ? share.usedMs + thenMs - nowMs : 0;
    return thenMs;
  }
}

/** What one connection has of the turns. */
export class TurnShare {
  readonly #turn: Turn;
  readonly #goOn: () => void;
  /** Requests since it went to work. */
  #begun = 0;
  #sinceMs = 0;
  #isInLine = false;
  /** Of the processor, since it went into line. */
  usedMs = 0;

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

  /**
   * Whether another request may be begun now; if not, it goes on in a later turn. In line it waits for that, whatever else might
   * have it go on: an answer that the kernel takes at once would have the next request begun, and so on to the last.
   */
  admits(): boolean {
    if (this.#isInLine) return false;
    if (this.#turn.admits(this.#begun++, this.#sinceMs)) return true;
    this.#isInLine = true;
    this.#turn.queue(this);
    return false;
  }

  /** Returns whether it stands in line again. */
  goOn(): boolean {
    this.#isInLine = false;
    this.#goOn();
    return this.#isInLine;
  }
}
