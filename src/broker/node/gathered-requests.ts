// What is asked of one other broker, gathered: one request is under way, and all that comes meanwhile goes into the next one.
import type { Clock } from '../../runtime/index.ts';

/** One request: what did not go into it, and when it has been answered, well or not; `answered` never rejects. */
export interface SentRequest<W> {
  readonly left: W[];
  readonly answered: Promise<void>;
}

export class GatheredRequests<W> {
  readonly #clock: Clock;
  readonly #send: (waiting: readonly W[]) => SentRequest<W>;
  #waiting: W[] = [];
  #isSending = false;

  /** `send` takes at least one of those that wait. */
  constructor(clock: Clock, send: (waiting: readonly W[]) => SentRequest<W>) {
    this.#clock = clock;
    this.#send = send;
  }

  add(one: W): void {
    this.#waiting.push(one);
    if (this.#isSending) return;
    this.#isSending = true;
    this.#clock.endOfTurn(() => void this.#sendAll());
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const { left, answered } = this.#send(this.#waiting);
      this.#waiting = left;
      await answered;
    }
    this.#isSending = false;
  }
}
