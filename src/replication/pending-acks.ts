// Who waits for appends of one partition to be acknowledged: for the local write, or for every in-sync replica. Waiters are told
// in the order of their offsets, once for each of their slots, and well only of what the log holds as safely as they asked.
import { Errors } from '../protocol/index.ts';
import { assert } from '../runtime/index.ts';

/** Waits for one append to be acknowledged. `slot` is the waiter's own number for the partition, 0 or more. */
export interface AckWaiter {
  /** Called once. 0, or the code with which the produced partition is answered. */
  acknowledged(slot: number, errorCode: number): void;
}

/** How safe the records of a partition are now. */
export interface SafeOffsets {
  readonly writtenEndOffset: number;
  readonly highWatermark: number;
}

interface PendingAck {
  /** The log end behind the appended batch. */
  readonly endOffset: number;
  readonly waiter: AckWaiter;
  /** TOLD once the waiter was told. */
  slot: number;
  /** Not 0: the append has failed, which its waiter is told only when the disk no longer needs the produced bytes. */
  errorCode: number;
}

const TOLD = -1;

export class PendingAcks {
  /** Both in the order of their offsets. */
  #written: PendingAck[] = [];
  #replicated: PendingAck[] = [];

  get size(): number {
    return this.#written.length + this.#replicated.length;
  }

  /** `waiter` is told when all before `endOffset` is written, for acks=all on every in-sync replica. */
  add(endOffset: number, acks: number, waiter: AckWaiter, slot: number): void {
    assert(slot >= 0, 'slots are not negative');
    const ack: PendingAck = { endOffset, waiter, slot, errorCode: Errors.NONE };
    place(acks === -1 ? this.#replicated : this.#written, ack);
  }

  /** Everything below `upTo` is written. */
  written(upTo: number, log: SafeOffsets): void {
    if (this.#written.length === 0) return;
    const count = countUpTo(this.#written, upTo);
    if (count === 0) return;
    const ready = this.#written;
    // Most often it is all of them, and then nothing has to be moved.
    this.#written = count === ready.length ? [] : ready.splice(count);
    for (const ack of ready) {
      assert(ack.endOffset <= log.writtenEndOffset, 'acks=1 is answered when its batch is written');
      tell(ack, ack.errorCode);
    }
  }

  /** Every in-sync replica has everything below `upTo`. */
  replicated(upTo: number, errorCode: number, log: SafeOffsets): void {
    if (this.#replicated.length === 0) return;
    const count = countUpTo(this.#replicated, upTo);
    if (count === 0) return;
    const ready = this.#replicated;
    this.#replicated = count === ready.length ? [] : ready.splice(count);
    for (const ack of ready) {
      assert(ack.endOffset <= log.highWatermark, 'acks=all is answered when every in-sync replica has its batch');
      assert(ack.errorCode === Errors.NONE, 'what has failed waits for no replica');
      tell(ack, errorCode);
    }
  }

  /** What is not below `writtenEnd` could not be written, and never will be. */
  failUnwritten(errorCode: number, writtenEnd: number): void {
    failFrom(this.#written, errorCode, writtenEnd);
    failFrom(this.#replicated, errorCode, writtenEnd);
  }

  /** Fails the waits of `only`, or all. An unwritten append is told later: the disk still reads from the request's frame. */
  fail(errorCode: number, writtenEnd: number, only?: AckWaiter): void {
    assert(errorCode !== Errors.NONE, 'a failure has a code');
    if (this.size === 0) return;
    const isMeant = (ack: PendingAck): boolean => only === undefined || ack.waiter === only;
    const meant = [...this.#written, ...this.#replicated].filter(isMeant);
    if (meant.length === 0) return;
    this.#written = this.#written.filter((ack) => !isMeant(ack));
    this.#replicated = this.#replicated.filter((ack) => !isMeant(ack));
    for (const ack of meant) {
      if (ack.endOffset <= writtenEnd) continue;
      ack.errorCode = errorCode;
      place(this.#written, ack);
    }
    for (const ack of meant) if (ack.endOffset <= writtenEnd) tell(ack, errorCode);
  }
}

/** At the end, but for a batch that was sent again: its records stand where they were appended the first time. */
function place(acks: PendingAck[], ack: PendingAck): void {
  let at = acks.length;
  if (at === 0) {
    acks.push(ack);
    return;
  }
  while (at > 0 && (acks[at - 1] as PendingAck).endOffset > ack.endOffset) at -= 1;
  const before = acks[at - 1];
  assert(before === undefined || before.waiter !== ack.waiter || before.slot !== ack.slot, 'a slot waits once');
  if (at === acks.length) acks.push(ack);
  else acks.splice(at, 0, ack);
}

function countUpTo(acks: readonly PendingAck[], upTo: number): number {
  let count = 0;
  let before = 0;
  while (count < acks.length) {
    const { endOffset } = acks[count] as PendingAck;
    assert(endOffset >= before, 'acknowledgements are awaited in the order of their offsets');
    if (endOffset > upTo) break;
    before = endOffset;
    count += 1;
  }
  return count;
}

function failFrom(acks: PendingAck[], errorCode: number, writtenEnd: number): void {
  const kept = countUpTo(acks, writtenEnd);
  if (kept === acks.length) return;
  for (const ack of acks.splice(kept)) {
    assert(ack.endOffset > writtenEnd, 'what is written has not failed');
    tell(ack, ack.errorCode === Errors.NONE ? errorCode : ack.errorCode);
  }
}

function tell(ack: PendingAck, errorCode: number): void {
  const { slot } = ack;
  assert(slot !== TOLD, 'a waiter is told once for each slot');
  ack.slot = TOLD;
  ack.waiter.acknowledged(slot, errorCode);
}
