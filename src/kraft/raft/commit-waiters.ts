// Who waits for an offset to be committed and delivered, and who waits until this node knows what the quorum knows.
import { NotLeaderError } from './raft.ts';

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class CommitWaiters {
  #appends: Waiter[] = [];
  #catchingUp: Omit<Waiter, 'offset'>[] = [];
  /** The high watermark of the moment at which somebody who wants to be caught up learned of it. */
  #target: number | undefined;

  committed(offset: number): Promise<void> {
    return new Promise((resolve, reject) => this.#appends.push({ offset, resolve, reject }));
  }

  caughtUp(): Promise<void> {
    return new Promise((resolve, reject) => this.#catchingUp.push({ resolve, reject }));
  }

  /** Everything before `deliveredOffset` has been delivered. */
  delivered(deliveredOffset: number): void {
    if (this.#appends.length === 0) return;
    const ready = this.#appends.filter((waiter) => waiter.offset < deliveredOffset);
    this.#appends = this.#appends.filter((waiter) => waiter.offset >= deliveredOffset);
    for (const waiter of ready) waiter.resolve();
  }

  /** `highWatermark`: the leader's, undefined while it is not known. */
  look(highWatermark: number | undefined, deliveredOffset: number): void {
    if (this.#catchingUp.length === 0) return;
    this.#target ??= highWatermark;
    if (this.#target === undefined || deliveredOffset < this.#target) return;
    const ready = this.#catchingUp;
    this.#catchingUp = [];
    this.#target = undefined;
    for (const waiter of ready) waiter.resolve();
  }

  /** Whether the appends will be committed is uncertain. */
  leadershipLost(reason: string): void {
    const lost = this.#appends;
    this.#appends = [];
    for (const waiter of lost) waiter.reject(new NotLeaderError(reason));
  }

  end(reason: string, cause?: Error): void {
    this.leadershipLost(reason);
    const lost = this.#catchingUp;
    this.#catchingUp = [];
    for (const waiter of lost) waiter.reject(cause ?? new NotLeaderError(reason));
  }
}
