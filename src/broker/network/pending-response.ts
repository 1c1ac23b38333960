// A request between its frame and its response; the dispatcher fills it in, the connection sends what is there in order.
import type { SentWaiter } from '../../api-handlers/index.ts';

export class PendingResponse {
  /** undefined until answered; empty when there is no response to send. */
  buffers: readonly Uint8Array[] | undefined;
  /** True for Produce: others of its kind may be begun before this one is answered. */
  isOrderedByAppend = false;
  /** Closing the connection is the answer, once those before it have left. */
  closesConnection = false;
  /** Told when the answer has been sent, or never will be. */
  waiter: SentWaiter | undefined;
  /** What was begun after it. */
  next: PendingResponse | undefined;
  /** Size of the request's frame. */
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }
}

/** Those of one connection, in request order. A list that takes no memory while it is empty: connections come by the ten thousand. */
export class PendingResponses {
  first: PendingResponse | undefined;
  last: PendingResponse | undefined;
  count = 0;

  push(pending: PendingResponse): void {
    if (this.last === undefined) this.first = pending;
    else this.last.next = pending;
    this.last = pending;
    this.count += 1;
  }

  /** Takes the first away. */
  shift(): void {
    const { first } = this;
    if (first === undefined) return;
    this.first = first.next;
    if (this.first === undefined) this.last = undefined;
    // One that lives on, for its handler is not through, keeps none of those behind it.
    first.next = undefined;
    this.count -= 1;
  }
}
