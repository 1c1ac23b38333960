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
  /** Size of the request's frame. */
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }
}
