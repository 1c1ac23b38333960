// Virtual time. Events wait in the order (time, asked first); running one is followed by every promise that it makes
// ready, then by what was asked for the end of the turn. So a whole broker, async code included, runs the same way
// each time. Real asynchronous work (a lazy import, WebAssembly being compiled) is outside: do it before the simulation.
import { AssertionFailure } from '../assert.ts';
import type { Clock, Timer } from '../clock.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  action: (() => void) | undefined;
}

export interface SimClockOptions {
  /** Resolves when the promises that are ready have run: `nextTurn` of runtime/node. */
  readonly nextTurn: () => Promise<void>;
  /** Wall clock at the start, milliseconds since the epoch. */
  readonly startMs?: number;
  /** Told of every event that has run, with all that came of it: when it was due, and its place in the order of asking. */
  readonly happened?: (atMs: number, order: number) => void;
}

/** 2026-01-01, so that traces have readable times. */
const DEFAULT_START_MS = 1_767_225_600_000;

/** Real turns that `run` waits, with no virtual event left, for real work to settle its promise. */
const IDLE_TURNS = 2000;

export class SimClock implements Clock {
  readonly #nextTurn: () => Promise<void>;
  readonly #happened: ((atMs: number, order: number) => void) | undefined;
  #wallOffsetMs: number;
  #monotonicMs = 0;
  #asked = 0;
  readonly #events = new EventHeap();
  #endOfTurn: (() => void)[] = [];

  constructor(options: SimClockOptions) {
    this.#nextTurn = options.nextTurn;
    this.#happened = options.happened;
    this.#wallOffsetMs = options.startMs ?? DEFAULT_START_MS;
  }

  nowMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  schedule(delayMs: number, action: () => void): Timer {
    const event: Event = { atMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#asked++, action };
    this.#events.push(event);
    return {
      cancel: () => {
        event.action = undefined;
      },
    };
  }

  endOfTurn(action: () => void): void {
    this.#endOfTurn.push(action);
  }

  /** The wall clock jumps (an operator, NTP); timers do not notice. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets the promises that are ready run, and the end of the turn, until nothing more comes of it. */
  async settle(): Promise<void> {
    await this.#nextTurn();
    while (this.#endOfTurn.length > 0) {
      const actions = this.#endOfTurn;
      this.#endOfTurn = [];
      for (const action of actions) action();
      await this.#nextTurn();
    }
  }

  /** Runs the next event; false when there is none up to `untilMs` of the monotonic clock. */
  async step(untilMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.settle();
    const event = this.#events.pop(untilMs);
    if (event === undefined) return false;
    this.#monotonicMs = event.atMs;
    event.action?.();
    await this.settle();
    this.#happened?.(event.atMs, event.order);
    return true;
  }

  /** Lets `durationMs` of virtual time pass. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + durationMs;
    while (await this.step(untilMs));
    this.#monotonicMs = untilMs;
  }

  /** Runs events until `promise` settles. Throws when nothing is left that could settle it, or after `limitMs`. */
  async run<T>(promise: Promise<T>, limitMs = 86_400_000): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const untilMs = this.#monotonicMs + limitMs;
    await this.settle();
    for (let idle = 0; !isSettled; ) {
      const event = this.#events.pop(untilMs);
      if (event === undefined) {
        await this.settle();
        if (!isSettled && ++idle > IDLE_TURNS) throw new AssertionFailure('the simulation waits for nothing');
        continue;
      }
      idle = 0;
      this.#monotonicMs = event.atMs;
      event.action?.();
      // Of most events nothing more comes than promises: this loop runs so often that a call of settle would be felt.
      await this.#nextTurn();
      if (this.#endOfTurn.length > 0) await this.settle();
      this.#happened?.(event.atMs, event.order);
    }
    return promise;
  }
}

/**
 * The clock of one process in the simulation: when it is stopped, nothing that it asked for happens any more. While the process
 * is held up (the system does not let it run, or it is slow) what is due waits, in its order.
 */
export class SimProcessClock implements Clock {
  readonly #clock: SimClock;
  readonly #wall: WallClock;
  #isStopped = false;
  #heldUntilMs = 0;
  /** How long each thing that the process does keeps it from the next one. */
  slownessMs = 0;

  constructor(clock: SimClock, wall: WallClock = { skewMs: 0 }) {
    this.#clock = clock;
    this.#wall = wall;
  }

  nowMs(): number {
    return Math.floor(this.#clock.nowMs() + this.#wall.skewMs);
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  schedule(delayMs: number, action: () => void): Timer {
    let timer: Timer | undefined;
    let isCancelled = false;
    const due = (): void => {
      if (this.#isStopped || isCancelled) return;
      const heldMs = this.heldMs();
      if (heldMs > 0) timer = this.#clock.schedule(heldMs, due);
      else this.run(action);
    };
    timer = this.#clock.schedule(delayMs, due);
    return {
      cancel: () => {
        isCancelled = true;
        timer?.cancel();
      },
    };
  }

  endOfTurn(action: () => void): void {
    this.#clock.endOfTurn(() => {
      if (!this.#isStopped) this.run(action);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The process does nothing for so long; what was to happen meanwhile happens afterwards. */
  hold(durationMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.monotonicMs() + durationMs);
  }

  /** How long the process cannot take anything up, from now on. */
  heldMs(): number {
    return this.#heldUntilMs - this.#clock.monotonicMs();
  }

  /** The process takes something up. What it throws when it has been stopped in the middle of it, nobody hears. */
  run(action: () => void): void {
    if (this.slownessMs > 0) this.#heldUntilMs = this.#clock.monotonicMs() + this.slownessMs;
    try {
      action();
    } catch (error) {
      if (!this.#isStopped) throw error;
    }
  }
}

/** What the clock on the wall of a machine is wrong by. */
export interface WallClock {
  skewMs: number;
}

/** A binary heap by (time, order). Cancelled events are dropped when they come to the top. */
class EventHeap {
  readonly #heap: Event[] = [];

  push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  pop(untilMs: number): Event | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (top.action !== undefined && top.atMs > untilMs) return undefined;
      this.#removeTop();
      if (top.action !== undefined) return top;
    }
    return undefined;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
