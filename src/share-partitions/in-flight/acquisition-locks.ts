// How long members hold what they have acquired (KIP-932; Kafka: AcquisitionLockTimerTask): locks in the order in which they
// run out. Times are given, none are asked for: who owns the locks sets one alarm, for the first of them.
import { assert } from '../../runtime/index.ts';

export class AcquisitionLock {
  /** Monotonic, milliseconds. */
  readonly deadlineMs: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly #locks: AcquisitionLocks;
  #isCancelled = false;
  #hasExpired = false;

  /** Called by AcquisitionLocks alone. */
  constructor(locks: AcquisitionLocks, deadlineMs: number, firstOffset: number, lastOffset: number) {
    this.#locks = locks;
    this.deadlineMs = deadlineMs;
    this.firstOffset = firstOffset;
    this.lastOffset = lastOffset;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }
  get hasExpired(): boolean {
    return this.#hasExpired;
  }
  cancel(): void {
    if (this.#isCancelled || this.#hasExpired) return;
    this.#isCancelled = true;
    this.#locks.cancelled();
  }
  /** Called by AcquisitionLocks alone. */
  expire(): void {
    this.#hasExpired = true;
  }
}

/** Cancelled ones are swept out when there are more of them than of the others, and than this. */
const LEAST_CANCELLED = 256;

export class AcquisitionLocks {
  /** By deadline; from `#head` on. Nearly all last equally long, so that a new one goes to the end. */
  #locks: AcquisitionLock[] = [];
  #head = 0;
  #cancelled = 0;

  /** Locks that are held. */
  get size(): number {
    return this.#locks.length - this.#head - this.#cancelled;
  }

  add(deadlineMs: number, firstOffset: number, lastOffset: number): AcquisitionLock {
    const lock = new AcquisitionLock(this, deadlineMs, firstOffset, lastOffset);
    let at = this.#locks.length;
    while (at > this.#head && (this.#locks[at - 1] as AcquisitionLock).deadlineMs > deadlineMs) at--;
    if (at === this.#locks.length) this.#locks.push(lock);
    else this.#locks.splice(at, 0, lock);
    return lock;
  }

  /** When the first one runs out; undefined when none is held. */
  get nextDeadlineMs(): number | undefined {
    for (; this.#head < this.#locks.length; this.#head++) {
      const lock = this.#locks[this.#head] as AcquisitionLock;
      if (!lock.isCancelled) return lock.deadlineMs;
      this.#cancelled--;
    }
    this.#locks = [];
    this.#head = 0;
    return undefined;
  }

  /** The next one that has run out by `nowMs`. */
  takeExpired(nowMs: number): AcquisitionLock | undefined {
    const deadlineMs = this.nextDeadlineMs;
    if (deadlineMs === undefined || deadlineMs > nowMs) return undefined;
    const lock = this.#locks[this.#head++] as AcquisitionLock;
    lock.expire();
    return lock;
  }

  /** Called by a lock that is given up. */
  cancelled(): void {
    this.#cancelled++;
    if (this.#cancelled < LEAST_CANCELLED || 2 * this.#cancelled < this.#locks.length - this.#head) return;
    this.#locks = this.#locks.slice(this.#head).filter((lock) => !lock.isCancelled);
    this.#head = 0;
    this.#cancelled = 0;
    assert(this.size === this.#locks.length, 'what is left is held');
  }
}
