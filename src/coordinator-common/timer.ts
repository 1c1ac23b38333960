// Timers as data: a key, a time and an event, on one alarm of the clock for all of them (Kafka: CoordinatorTimer). A key has
// one timer: scheduling it again replaces it, so that one that was cancelled or replaced can never fire. Moving a timer
// further away, which every heartbeat does, costs one look-up: its place in the heap is corrected when its old time comes.
import { assert, type Clock, type Timer } from '../runtime/index.ts';

interface Entry<E> {
  readonly key: string;
  event: E;
  deadlineMs: number;
  /** Where it stands in the heap; undefined once cancelled. */
  slot: Slot<E> | undefined;
}

interface Slot<E> {
  readonly atMs: number;
  readonly order: number;
  readonly entry: Entry<E>;
}

/** Slots that nobody waits for any more are swept out when there are more of them than of the others, and than this. */
const LEAST_STALE_SLOTS = 64;

export class TimerQueue<E> {
  readonly #clock: Clock;
  readonly #fire: (event: E, key: string) => void;
  readonly #entries = new Map<string, Entry<E>>();
  #heap: Slot<E>[] = [];
  #asked = 0;
  #alarm: Timer | undefined;
  #alarmAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, fire: (event: E, key: string) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `event` is fired once, `delayMs` from now, unless `key` is scheduled again or cancelled before. */
  schedule(key: string, delayMs: number, event: E): void {
    const deadlineMs = this.#clock.monotonicMs() + Math.max(0, delayMs);
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      const made: Entry<E> = { key, event, deadlineMs, slot: undefined };
      this.#entries.set(key, made);
      this.#place(made);
      return;
    }
    entry.event = event;
    entry.deadlineMs = deadlineMs;
    const { slot } = entry;
    assert(slot !== undefined, 'a timer that is set stands in the heap');
    if (deadlineMs < slot.atMs) this.#place(entry);
  }

  cancel(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.slot = undefined;
    this.#entries.delete(key);
    this.#sweep();
  }

  /** Cancels all. */
  clear(): void {
    this.#entries.clear();
    this.#heap = [];
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
  }

  #place(entry: Entry<E>): void {
    const slot: Slot<E> = { atMs: entry.deadlineMs, order: this.#asked++, entry };
    entry.slot = slot;
    this.#push(slot);
    this.#setAlarm();
  }

  #setAlarm(): void {
    const top = this.#heap[0];
    if (top === undefined || top.atMs >= this.#alarmAtMs) return;
    this.#alarm?.cancel();
    this.#alarmAtMs = top.atMs;
    const delayMs = Math.max(0, Math.ceil(top.atMs - this.#clock.monotonicMs()));
    this.#alarm = this.#clock.schedule(delayMs, () => this.#ring());
  }

  #ring(): void {
    this.#alarm = undefined;
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    try {
      for (let top = this.#heap[0]; top !== undefined && top.atMs <= nowMs; top = this.#heap[0]) {
        this.#pop();
        const { entry } = top;
        if (entry.slot !== top) continue;
        if (entry.deadlineMs > nowMs) {
          this.#place(entry);
          continue;
        }
        entry.slot = undefined;
        assert(this.#entries.delete(entry.key), 'a timer fires once');
        this.#fire(entry.event, entry.key);
      }
    } finally {
      this.#setAlarm();
    }
  }

  #sweep(): void {
    if (this.#heap.length <= 2 * this.#entries.size + LEAST_STALE_SLOTS) return;
    const live = this.#heap.filter((slot) => slot.entry.slot === slot);
    this.#heap = [];
    for (const slot of live) this.#push(slot);
  }

  #push(slot: Slot<E>): void {
    const heap = this.#heap;
    let index = heap.push(slot) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(slot, heap[parent] as Slot<E>)) break;
      heap[index] = heap[parent] as Slot<E>;
      index = parent;
    }
    heap[index] = slot;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Slot<E>;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Slot<E>, heap[child] as Slot<E>)) child++;
      if (!isBefore(heap[child] as Slot<E>, last)) break;
      heap[index] = heap[child] as Slot<E>;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore<E>(one: Slot<E>, other: Slot<E>): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
