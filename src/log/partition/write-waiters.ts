// Who waits for an offset to be written: an object per append, no closure. Called in the order of offsets.
import { empty } from '../../runtime/index.ts';

/** Called once: with 0 when everything below the offset waited for is written as promised, else with an error code. */
export interface WriteWaiter {
  written(errorCode: number): void;
}

/** Under steady load somebody always waits: those that have been called are cut off now and then. */
const LONGEST_DEAD_RUN = 1024;

export class WriteWaiters {
  #offsets: number[] = [];
  #waiters: WriteWaiter[] = [];
  #first = 0;

  get isEmpty(): boolean {
    return this.#first === this.#waiters.length;
  }

  /** `offset` is almost always the largest so far. */
  add(offset: number, waiter: WriteWaiter): void {
    let at = this.#waiters.length;
    while (at > this.#first && (this.#offsets[at - 1] as number) > offset) at--;
    if (at === this.#waiters.length) {
      this.#offsets.push(offset);
      this.#waiters.push(waiter);
      return;
    }
    this.#offsets.splice(at, 0, offset);
    this.#waiters.splice(at, 0, waiter);
  }

  /** Calls those that wait for `writtenEndOffset` or less. */
  complete(writtenEndOffset: number): void {
    while (this.#first < this.#waiters.length && (this.#offsets[this.#first] as number) <= writtenEndOffset) {
      const waiter = this.#waiters[this.#first] as WriteWaiter;
      this.#first++;
      if (this.#first === this.#waiters.length) this.#clear();
      waiter.written(0);
    }
    if (this.#first > LONGEST_DEAD_RUN) this.#compact();
  }

  /** Calls all that are left. */
  fail(errorCode: number): void {
    const waiters = this.#waiters;
    const first = this.#first;
    this.#waiters = [];
    this.#offsets = [];
    this.#first = 0;
    for (let i = first; i < waiters.length; i++) (waiters[i] as WriteWaiter).written(errorCode);
  }

  #compact(): void {
    this.#offsets.splice(0, this.#first);
    this.#waiters.splice(0, this.#first);
    this.#first = 0;
  }

  #clear(): void {
    empty(this.#offsets);
    empty(this.#waiters);
    this.#first = 0;
  }
}
