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
}

/** 2026-01-01, so that traces have readable times. */
const DEFAULT_START_MS = 1_767_225_600_000;

/** Real turns that `run` waits, with no virtual event left, for real work to settle its promise. */
const IDLE_TURNS = 2000;

export class SimClock implements Clock {
  readonly #nextTurn: () => Promise<void>;
  #wallOffsetMs: number;
  #monotonicMs = 0;
  #asked = 0;
  readonly #events = new EventHeap();
  #endOfTurn: (() => void)[] = [];

  constructor(options: SimClockOptions) {
    this.#nextTurn = options.nextTurn;
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
    for (let idle = 0; !isSettled; ) {
      if (await this.step(untilMs)) idle = 0;
      else if (!isSettled && ++idle > IDLE_TURNS) throw new AssertionFailure('the simulation waits for nothing');
    }
    return promise;
  }
}

/** The clock of one process in the simulation: when it is stopped, nothing that it asked for happens any more. */
export class SimProcessClock implements Clock {
  readonly #clock: SimClock;
  #isStopped = false;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  schedule(delayMs: number, action: () => void): Timer {
    return this.#clock.schedule(delayMs, () => this.#unlessStopped(action));
  }

  endOfTurn(action: () => void): void {
    this.#clock.endOfTurn(() => this.#unlessStopped(action));
  }

  stop(): void {
    this.#isStopped = true;
  }

  #unlessStopped(action: () => void): void {
    if (!this.#isStopped) action();
  }
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
