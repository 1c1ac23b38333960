// Answers of one connection on their way out: gathered within a turn, handed to the network in one write, counted until it has
// taken them.
import { Buffer } from 'node:buffer';
import type { SentWaiter } from '../../api-handlers/index.ts';
import type { Connection } from '../../runtime/index.ts';
import type { ListenerTraffic } from './listener-traffic.ts';
import type { PendingResponse } from './pending-response.ts';

/** While so many response bytes are unsent no further request is begun; a single response may be larger. */
export const MAX_UNSENT_BYTES = 1024 * 1024;
/** Of what the kernel does not take, while others wait for a turn: it is of somebody who does not read. */
const MAX_UNSENT_BYTES_IN_CROWD = 64 * 1024;

/** Answers of one turn that are smaller together go to the network as one buffer: to copy them costs less than a write of each. */
const MERGED_BELOW_BYTES = 4096;

/** Response bytes that all connections together have handed to the network and it has not taken. */
export interface UnsentBytes {
  total: number;
}

export class Outbox {
  readonly #socket: Connection;
  readonly #total: UnsentBytes;
  readonly #traffic: ListenerTraffic;
  #buffers: Uint8Array[] = [];
  #sizeBytes = 0;
  /** Waiters that are told when what is in `#buffers` has been sent. */
  #waiters: SentWaiter[] | undefined;
  /** This connection's part of the total. */
  #counted = 0;

  constructor(socket: Connection, total: UnsentBytes, traffic: ListenerTraffic) {
    this.#socket = socket;
    this.#total = total;
    this.#traffic = traffic;
  }

  /** Bytes that the network has not taken, or that are to be handed to it at the end of this turn. */
  get unsentBytes(): number {
    return this.#socket.unsentBytes + this.#sizeBytes;
  }

  /** Whether no further request is begun until some of it has left. `isCrowded`: others wait for a turn. */
  isFull(isCrowded: boolean): boolean {
    const { unsentBytes } = this.#socket;
    if (isCrowded && unsentBytes >= MAX_UNSENT_BYTES_IN_CROWD) return true;
    return unsentBytes + this.#sizeBytes >= MAX_UNSENT_BYTES;
  }

  add({ buffers = [], waiter }: PendingResponse): void {
    if (buffers.length > 0) this.#traffic.responses += 1;
    for (const buffer of buffers) {
      this.#buffers.push(buffer);
      this.#sizeBytes += buffer.length;
    }
    if (waiter === undefined) return;
    this.#waiters ??= [];
    this.#waiters.push(waiter);
  }

  flush(): void {
    if (this.#buffers.length === 0) return;
    const buffers = this.#sizeBytes < MERGED_BELOW_BYTES ? [merged(this.#buffers, this.#sizeBytes)] : this.#buffers;
    this.#buffers = [];
    this.#traffic.bytesOut += this.#sizeBytes;
    this.#sizeBytes = 0;
    const waiters = this.#waiters;
    if (waiters === undefined) {
      this.#socket.send(buffers);
    } else {
      this.#waiters = undefined;
      this.#socket.send(buffers, () => tellSent(waiters));
    }
    this.count();
  }

  /** Brings the total up to date. */
  count(): void {
    const { unsentBytes } = this;
    this.#total.total += unsentBytes - this.#counted;
    this.#counted = unsentBytes;
  }

  /** The connection has closed: drops what is left, and tells those who wait for it. */
  close(): void {
    this.#buffers = [];
    this.#sizeBytes = 0;
    tellSent(this.#waiters ?? []);
    this.#waiters = undefined;
    this.#total.total -= this.#counted;
    this.#counted = 0;
  }
}

function merged(buffers: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const [only] = buffers;
  if (buffers.length === 1) return only as Uint8Array;
  const whole = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const buffer of buffers) {
    whole.set(buffer, at);
    at += buffer.length;
  }
  return whole;
}

function tellSent(waiters: readonly SentWaiter[]): void {
  for (const waiter of waiters) waiter.sent();
}
