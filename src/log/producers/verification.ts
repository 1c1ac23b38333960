// Producers that are about to begin a transaction in a partition: the transaction coordinator is asked whether the partition
// is part of it, and until the first batch is appended the answer must not be overtaken by a marker (KIP-890; Kafka's
// VerificationStateEntry and VerificationGuard). Not in the log: after a restart producers are verified anew.
import { type Int64, subtractInt64 } from '../../protocol/index.ts';

/** What is known of a producer whose transaction is being verified; stands for this one verification as its guard. */
export class VerificationGuard {
  /** When it was begun, milliseconds since the epoch. */
  readonly startedMs: number;
  /** The client works by transaction.version 2: its epoch goes up with each transaction, and sequences begin at 0 with it. */
  readonly supportsEpochBump: boolean;
  #epoch: number;
  #lowestSequence: number;

  constructor(startedMs: number, append: StartedAppend) {
    this.startedMs = startedMs;
    this.supportsEpochBump = append.supportsEpochBump;
    this.#epoch = append.producerEpoch;
    this.#lowestSequence = append.sequence;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** No batch with a higher one is appended first: the lower one would then be out of order for ever. */
  get lowestSequence(): number {
    return this.#lowestSequence;
  }

  /** Another batch of the producer asks to be verified. */
  note({ producerEpoch, sequence }: StartedAppend): void {
    if (producerEpoch < this.#epoch) return;
    if (producerEpoch > this.#epoch) this.#lowestSequence = sequence;
    else this.#lowestSequence = Math.min(this.#lowestSequence, sequence);
    this.#epoch = producerEpoch;
  }
}

/** A transactional batch that is about to be appended. */
export interface StartedAppend {
  readonly producerId: Int64;
  readonly producerEpoch: number;
  /** -1 for batches of a coordinator, which stand in no sequence. */
  readonly sequence: number;
  readonly supportsEpochBump: boolean;
}

export class Verifications {
  readonly #guards = new Map<Int64, VerificationGuard>();

  start(append: StartedAppend, nowMs: number): VerificationGuard {
    const known = this.#guards.get(append.producerId);
    if (known !== undefined) {
      known.note(append);
      return known;
    }
    const guard = new VerificationGuard(nowMs, append);
    this.#guards.set(append.producerId, guard);
    return guard;
  }

  get(producerId: Int64): VerificationGuard | undefined {
    return this.#guards.size === 0 ? undefined : this.#guards.get(producerId);
  }

  /**
   * A transactional batch was appended: a transaction has begun here, or ended. The guard of a transaction that comes behind
   * it stays: under transaction.version 2 the marker has the epoch of the next one.
   */
  appended(producerId: Int64, producerEpoch: number, isMarker: boolean): void {
    const guard = this.get(producerId);
    if (guard === undefined || (isMarker && guard.supportsEpochBump && guard.epoch === producerEpoch)) return;
    this.#guards.delete(producerId);
  }

  /** Forgets those that were never followed by a batch. */
  removeExpired(nowMs: number, expirationMs: number): void {
    for (const [producerId, { startedMs }] of this.#guards) {
      if (subtractInt64(nowMs, startedMs) >= expirationMs) this.#guards.delete(producerId);
    }
  }
}
