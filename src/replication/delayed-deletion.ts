// A DeleteRecords request that waits until the followers have deleted too, so that no record comes back with another leader
// (Kafka: DelayedDeleteRecords).
import { Errors } from '../protocol/index.ts';
import type { DeletionResult } from './partition-queries.ts';
import type { Partition } from './partition.ts';
import type { Parked, ParkingPlace, Purgatory, Watcher } from './purgatory.ts';

export interface Deletion {
  /** undefined: refused, there is nothing to wait for. */
  readonly partition: Partition | undefined;
  /** The low watermark that is waited for. */
  readonly upTo: number;
  result: DeletionResult;
}

export class DelayedDeletion implements Parked, Watcher {
  readonly #deletions: readonly Deletion[];
  readonly #waiting = new Set<Deletion>();
  #place: ParkingPlace | undefined;
  #resolve: (() => void) | undefined;

  /** What was done; `result` is brought up to date while it is waited for. */
  constructor(deletions: readonly Deletion[]) {
    this.#deletions = deletions;
  }

  /** Resolves when all is settled, at most after so long; undefined: it is now. */
  settled(purgatory: Purgatory, timeoutMs: number): Promise<void> | undefined {
    for (const deletion of this.#deletions) if (!isSettled(deletion)) this.#waiting.add(deletion);
    if (this.#waiting.size === 0) return undefined;
    this.#place = purgatory.park(this, Math.max(0, timeoutMs));
    if (this.#place === undefined) {
      this.#timeOut();
      return undefined;
    }
    for (const { partition } of this.#waiting) partition?.watch(this);
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  moved(): void {
    for (const deletion of this.#waiting) {
      if (!isSettled(deletion)) continue;
      this.#waiting.delete(deletion);
      deletion.partition?.unwatch(this);
    }
    if (this.#waiting.size === 0) return this.#end();
    // A partition may be waited for more than once.
    for (const { partition } of this.#waiting) partition?.watch(this);
  }

  expired(): void {
    this.#timeOut();
    this.#end();
  }

  #timeOut(): void {
    for (const deletion of this.#waiting) {
      deletion.result = { errorCode: Errors.REQUEST_TIMED_OUT, lowWatermark: deletion.result.lowWatermark };
      deletion.partition?.unwatch(this);
    }
    this.#waiting.clear();
  }

  #end(): void {
    this.#place?.leave();
    this.#resolve?.();
    this.#resolve = undefined;
  }
}

/** Tells in `result` how far it has come, or why it goes no further. */
function isSettled(deletion: Deletion): boolean {
  const { partition, upTo, result } = deletion;
  if (partition === undefined || result.errorCode !== Errors.NONE) return true;
  const errorCode = partition.checkAccess(-1, true);
  const { lowWatermark } = partition;
  deletion.result = errorCode === Errors.NONE ? { errorCode, lowWatermark } : { errorCode, lowWatermark: -1 };
  return errorCode !== Errors.NONE || lowWatermark >= upTo;
}
