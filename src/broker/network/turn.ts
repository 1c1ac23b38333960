// A turn of the event loop, as all connections share it. While it is short, each has all those of its requests begun that
// have come. Once it has become long, each has one, and what is left stands in a line: whoever sends requests by the hundred keeps
// others waiting for one of them, as in Kafka, where one request of a connection is in the queue at a time. The line has a part of
// each turn, so that sockets are looked at again soon, and those go first who will be through with what they have sent soonest: a
// producer that has come behind, because the broker did not run for a while, catches up beside hundreds that have heaped up more. By
// what they have had of late it would not: it asks for more than its part. One that waits long gets on all the same.
import type { Clock } from '../../runtime/index.ts';

/** A turn that has lasted longer is long. */
const LONG_MS = 5;
/** What those in line have of a turn together. */
const LINE_MS = 2;
/** The shortest time of a timer; of a turn that has been long it is over already. */
const NEXT_TURN_MS = 1;
/** So many connections come in before the line has its part: Node.js takes one of a listener in a turn, and only short turns take many. */
const ARRIVALS_FIRST = 16;
/** What one has before the next in line has its own; also of a turn in which others wait. */
const QUANTUM_MS = 0.5;
/** What will take less is done soon; each rank is of twice as much. */
const SOON_MS = 0.5;
const RANKS = 12;
/** One that was kept from the processor looks dear: what a request costs is taken for no more than so many times what it cost before. */
const DEARER_AT_ONCE = 2;
const LEAST_COST_MS = 0.02;
/** The clock is looked at before so many requests of one connection, a power of two. */
const LOOKS_EVERY = 8;

export class Turn {
  readonly #clock: Clock;
  #beganMs = 0;
  #isRunning = false;
  #isLong = false;
  /** Connections with requests that wait for a turn, by rank, and in the order in which they came. */
  readonly #line: readonly TurnShare[][] = Array.from({ length: RANKS }, () => []);
  /** They have come into line, and are still at what brought them there. */
  readonly #unranked: TurnShare[] = [];
  #inLine = 0;
  #placesGiven = 0;
  #isServed = false;
  /** Connections that have come since the line was served, and how many there were when that was put off. */
  #arrivals = 0;
  #arrivalsSeen = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody waits for a turn. */
  get isCrowded(): boolean {
    return this.#inLine > 0;
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

  /**
   * Has the connection go on in its turn, not before this one of the event loop is over. It has had `begun` requests begun since it went
   * to work, at `sinceMs` on the monotonic clock.
   */
  queue(share: TurnShare, begun: number, sinceMs: number): void {
    share.cost((this.#clock.monotonicMs() - sinceMs) / begun);
    share.place = this.#placesGiven++;
    this.#unranked.push(share);
    this.#inLine += 1;
    if (this.#isServed) return;
    this.#isServed = true;
    this.#clock.endOfTurn(this.#serve);
  }

  /** A connection has come: there may be more of them. */
  arrives(): void {
    this.#arrivals += 1;
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
      if (!this.#putsOff()) this.#serveLine(this.#clock.monotonicMs());
    } finally {
      this.#isServed = this.#inLine > 0;
      // Not at the end of this turn: sockets and timers come first.
      if (this.#isServed) this.#clock.schedule(NEXT_TURN_MS, this.#serve);
    }
  };

  /** Whether there may be more connections that come, and the line has not waited for many yet. */
  #putsOff(): boolean {
    const arrivals = this.#arrivals;
    const hasMore = arrivals > this.#arrivalsSeen && arrivals < ARRIVALS_FIRST;
    this.#arrivalsSeen = hasMore ? arrivals : 0;
    if (!hasMore) this.#arrivals = 0;
    return hasMore;
  }

  #serveLine(sinceMs: number): void {
    this.#rank();
    // However many will be through sooner, the one that has waited longest goes on as well.
    let nowMs = this.#goOn(
      this.#next((head, other) => head.place < other.place),
      sinceMs,
    );
    while (nowMs < sinceMs + LINE_MS && this.#inLine > 0)
      nowMs = this.#goOn(
        this.#next(() => false),
        nowMs,
      );
  }

  #rank(): void {
    for (const share of this.#unranked) {
      const octave = Math.ceil(Math.log2(share.leftMs / SOON_MS));
      this.#line[Math.min(Math.max(0, octave), RANKS - 1)]?.push(share);
    }
    this.#unranked.length = 0;
  }

  /** Of the first of each rank, those of the lowest first, the one that none behind it is `before`. */
  #next(isBefore: (head: TurnShare, other: TurnShare) => boolean): TurnShare | undefined {
    let from: TurnShare[] | undefined;
    for (const queue of this.#line) {
      const [head] = queue;
      if (head !== undefined && (from === undefined || isBefore(head, from[0] as TurnShare))) from = queue;
    }
    if (from !== undefined) this.#inLine -= 1;
    return from?.shift();
  }

  /** Returns what time it is then. */
  #goOn(share: TurnShare | undefined, nowMs: number): number {
    if (share === undefined) return nowMs;
    share.goOn();
    this.#rank();
    return this.#clock.monotonicMs();
  }
}

/** Whose requests wait for a turn: a connection. */
export interface TurnTaker {
  /** Requests that have come and are not begun, about. */
  readonly waitingFrames: number;
  /** There was more to do than the turn before had room for: goes on. */
  wake(): void;
}

/** What one connection has of the turns. */
export class TurnShare {
  readonly #turn: Turn;
  readonly #taker: TurnTaker;
  /** Requests since it went to work. */
  #begun = 0;
  #sinceMs = 0;
  #isInLine = false;
  /** When the clock was looked at last: as it went to work, or behind one of its requests. */
  lookedMs = 0;
  /** The lower, the longer it has been in line. */
  place = 0;
  /** Of one of its requests, about; undefined until it has been in line. */
  #costMs: number | undefined;

  constructor(turn: Turn, taker: TurnTaker) {
    this.#turn = turn;
    this.#taker = taker;
  }

  /** At this time on the monotonic clock. */
  begins(nowMs: number): void {
    this.#begun = 0;
    this.#sinceMs = nowMs;
    this.lookedMs = nowMs;
  }

  /**
   * Whether another request may be begun now; if not, it goes on in a later turn. In line it waits for that, whatever else might
   * have it go on: an answer that the kernel takes at once would have the next request begun, and so on to the last.
   */
  admits(): boolean {
    if (this.#isInLine) return false;
    if (this.#turn.admits(this.#begun++, this.#sinceMs)) return true;
    this.#isInLine = true;
    this.#turn.queue(this, this.#begun - 1, this.#sinceMs);
    return false;
  }

  goOn(): void {
    this.#isInLine = false;
    this.#taker.wake();
  }

  /** Others wait for a turn. */
  get isCrowded(): boolean {
    return this.#turn.isCrowded;
  }

  /** How long it will take to be through with what has come. */
  get leftMs(): number {
    return (this.#costMs ?? 0) * this.#taker.waitingFrames;
  }

  /** What a request has cost of late. */
  cost(ofOneMs: number): void {
    const before = this.#costMs;
    this.#costMs = before === undefined ? ofOneMs : Math.min(ofOneMs, Math.max(before, LEAST_COST_MS) * DEARER_AT_ONCE);
  }
}
