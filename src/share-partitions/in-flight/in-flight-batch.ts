// A range of records on their way (Kafka: InFlightBatch): in one state together, until something concerns only some of them;
// from then on each offset has its own.
import type { AcquisitionLocks } from './acquisition-locks.ts';
import { InFlightState, NO_MEMBER, RecordState } from './in-flight-state.ts';

export class InFlightBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  #whole: InFlightState | undefined;
  #offsets: InFlightState[] | undefined;

  constructor(firstOffset: number, lastOffset: number, state: InFlightState) {
    this.firstOffset = firstOffset;
    this.lastOffset = lastOffset;
    this.#whole = state;
  }

  get recordCount(): number {
    return this.lastOffset - this.firstOffset + 1;
  }
  /** The state of all of it; undefined once each offset has its own. */
  get whole(): InFlightState | undefined {
    return this.#whole;
  }
  /** By offset, from the first one on; undefined while all are in one state. */
  get offsets(): readonly InFlightState[] | undefined {
    return this.#offsets;
  }
  stateAt(offset: number): InFlightState {
    return this.#whole ?? (this.#offsets?.[offset - this.firstOffset] as InFlightState);
  }

  /** Gives each offset a state of its own, each with its own lock until the time of the common one. */
  split(locks: AcquisitionLocks): readonly InFlightState[] {
    if (this.#offsets !== undefined) return this.#offsets;
    const { state, deliveryCount, memberId, lock } = this.#whole as InFlightState;
    this.#offsets = this.#each(
      (offset) =>
        new InFlightState(
          state,
          deliveryCount,
          memberId,
          lock === undefined ? undefined : locks.add(lock.deadlineMs, offset, offset),
        ),
    );
    this.#whole?.dropLock();
    this.#whole = undefined;
    return this.#offsets;
  }

  /** As `split`, but what comes after `lastAcquired` has not been acquired: it is available, and was never delivered. */
  splitAcquired(lastAcquired: number, deadlineMs: number, locks: AcquisitionLocks): void {
    const { state, deliveryCount, memberId } = this.#whole as InFlightState;
    this.#offsets = this.#each((offset) =>
      offset <= lastAcquired
        ? new InFlightState(state, deliveryCount, memberId, locks.add(deadlineMs, offset, offset))
        : new InFlightState(RecordState.AVAILABLE, 0, NO_MEMBER),
    );
    this.#whole = undefined;
  }

  #each(make: (offset: number) => InFlightState): InFlightState[] {
    const states: InFlightState[] = [];
    for (let offset = this.firstOffset; offset <= this.lastOffset; offset++) states.push(make(offset));
    return states;
  }
}
