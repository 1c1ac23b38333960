// In which state a record, or a range of records in the same state, is with its share group (KIP-932; Kafka: RecordState,
// InFlightState). A change that has to be written down first is made at once and taken back if the writing fails.
//
//   available ──acquire──► acquired ──accept──► acknowledged
//       ▲                     │ │
//       └──release, time-out──┘ └──reject, gap, too many deliveries──► archived
import { assert } from '../../runtime/index.ts';
import type { AcquisitionLock } from './acquisition-locks.ts';

/** As they are written (Kafka: RecordState.id). Acquired records are not written: they are available to the next leader. */
export const RecordState = { AVAILABLE: 0, ACQUIRED: 1, ACKNOWLEDGED: 2, ARCHIVED: 4 } as const;
export type RecordState = (typeof RecordState)[keyof typeof RecordState];

/** Nobody has acquired it. */
export const NO_MEMBER = '';

export function isTerminal(state: RecordState): boolean {
  return state === RecordState.ACKNOWLEDGED || state === RecordState.ARCHIVED;
}

interface Rollback {
  readonly state: RecordState;
  readonly memberId: string;
  /** The limit when the change began. */
  readonly maxDeliveryCount: number;
}

export class InFlightState {
  #state: RecordState;
  #deliveryCount: number;
  #memberId: string;
  #lock: AcquisitionLock | undefined;
  #rollback: Rollback | undefined;
  /** Archived meanwhile: there is no way back. */
  #isArchivedForGood = false;

  constructor(state: RecordState, deliveryCount: number, memberId: string, lock?: AcquisitionLock) {
    this.#state = state;
    this.#deliveryCount = deliveryCount;
    this.#memberId = memberId;
    this.#lock = lock;
  }

  get state(): RecordState {
    return this.#state;
  }
  get deliveryCount(): number {
    return this.#deliveryCount;
  }
  get memberId(): string {
    return this.#memberId;
  }
  get lock(): AcquisitionLock | undefined {
    return this.#lock;
  }
  /** A change is being written. */
  get isChanging(): boolean {
    return this.#rollback !== undefined;
  }
  get isTerminal(): boolean {
    return isTerminal(this.#state);
  }
  get canBeAcquired(): boolean {
    return this.#state === RecordState.AVAILABLE && this.#rollback === undefined;
  }

  /** Puts `lock` in the place of the one before. */
  holdBy(lock: AcquisitionLock): void {
    this.#lock?.cancel();
    this.#lock = lock;
  }

  dropLock(): void {
    this.#lock?.cancel();
    this.#lock = undefined;
  }

  /** One more delivery, to `memberId`, for as long as `lock` lasts. */
  acquire(memberId: string, lock: AcquisitionLock): void {
    assert(this.canBeAcquired, 'only what is available is acquired');
    this.#state = RecordState.ACQUIRED;
    this.#deliveryCount++;
    this.#memberId = memberId;
    this.holdBy(lock);
  }

  /** False when it is not acquired, or is changing already. What was delivered often enough is archived instead of available. */
  leave(target: RecordState, maxDeliveryCount: number): boolean {
    if (this.#rollback !== undefined || this.#state !== RecordState.ACQUIRED) return false;
    const isGivenUp = target === RecordState.AVAILABLE && this.#deliveryCount >= maxDeliveryCount;
    this.#state = isGivenUp ? RecordState.ARCHIVED : target;
    this.#memberId = NO_MEMBER;
    return true;
  }

  /** As `leave`, until `complete`. */
  beginLeaving(target: RecordState, maxDeliveryCount: number): boolean {
    const before: Rollback = { state: this.#state, memberId: this.#memberId, maxDeliveryCount };
    if (!this.leave(target, maxDeliveryCount)) return false;
    this.#rollback = before;
    return true;
  }

  /** The change has been written, or could not be: then it is as before, unless its lock has run out meanwhile. */
  complete(isWritten: boolean): void {
    const before = this.#rollback;
    this.#rollback = undefined;
    if (isWritten || this.#isArchivedForGood || before === undefined) return this.dropLock();
    if (this.#lock?.hasExpired === true) {
      this.#state = this.#deliveryCount >= before.maxDeliveryCount ? RecordState.ARCHIVED : RecordState.AVAILABLE;
      this.#memberId = NO_MEMBER;
      return this.dropLock();
    }
    this.#state = before.state;
    this.#memberId = before.memberId;
  }

  archive(): void {
    this.#isArchivedForGood = true;
    this.#state = RecordState.ARCHIVED;
    this.#memberId = NO_MEMBER;
    this.dropLock();
  }
}
