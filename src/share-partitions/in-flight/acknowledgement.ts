// Members say what has become of what they acquired (KIP-932, KIP-1222; Kafka: SharePartition.acknowledge,
// releaseAcquiredRecords, releaseAcquisitionLockOnTimeout). Every change is made at once, and handed back to be written down;
// where one of several is refused, none of them counts.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { ShareAcknowledgeRequest } from '../../protocol/messages/79-share-acknowledge.ts';
import type { InFlightBatch } from './in-flight-batch.ts';
import { type InFlightState, NO_MEMBER, RecordState } from './in-flight-state.ts';
import type { Change, SharePartitionState, StateBatch } from './share-partition-state.ts';

export type AcknowledgementBatch =
  ShareAcknowledgeRequest['topics'][number]['partitions'][number]['acknowledgementBatches'][number];

export interface Fault {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

/** Changes that have to be written down; or why there are none. */
export type Changes = { readonly fault: Fault } | { readonly fault?: undefined; readonly changes: readonly Change[] };

/** AcknowledgeType, with 0 for an offset at which there is no record. */
const RENEW = 4;
const TARGETS: readonly (RecordState | undefined)[] = [
  RecordState.ARCHIVED,
  RecordState.ACKNOWLEDGED,
  RecordState.AVAILABLE,
  RecordState.ARCHIVED,
];

const invalidState = (errorMessage: string): Fault => ({ errorCode: Errors.INVALID_RECORD_STATE, errorMessage });
const invalidRequest = (errorMessage: string): Fault => ({ errorCode: Errors.INVALID_REQUEST, errorMessage });

const NOT_FOUND = invalidState('Batch record not found. The request batch offsets are not found in the cache.');
const FIRST_PAST = invalidRequest('Batch record not found. The first offset in request is past acquired records.');
const LAST_PAST = invalidRequest('Batch record not found. The last offset in request is past acquired records.');
const BATCH_NOT_ACQUIRED = invalidState('The batch cannot be acknowledged. The batch is not in the acquired state.');
const SUBSET_NOT_ACQUIRED = invalidState(
  'The batch cannot be acknowledged. The subset batch is not in the acquired state.',
);
const OFFSET_NOT_ACQUIRED = invalidState('The offset cannot be acknowledged. The offset is not acquired.');
const NOT_OWNER_OF_BATCH = invalidState('Member is not the owner of batch record');
const NOT_OWNER_OF_OFFSET = invalidState('Member is not the owner of offset');
const CHANGING = invalidState('The record state is invalid. The acknowledgement of delivery could not be completed.');
const UNABLE = invalidState('Unable to acknowledge records for the batch');
const RENEW_DISABLED = invalidState('Renewing acquisition locks is not enabled for the group.');

/** `nowMs`: monotonic. */
export function acknowledge(
  state: SharePartitionState,
  memberId: string,
  batches: readonly AcknowledgementBatch[],
  nowMs: number,
): Changes {
  const run = new Acknowledgement(state, memberId, nowMs);
  for (const batch of batches) {
    const fault = run.acknowledge(batch);
    if (fault === undefined) continue;
    state.settle(run.changes, false);
    return { fault };
  }
  return { changes: run.changes };
}

/** Everything that the member has comes back: its session has ended. */
export function releaseMember(state: SharePartitionState, memberId: string, nowMs: number): Changes {
  const run = new Acknowledgement(state, memberId, nowMs);
  for (const batch of state.batches) run.release(batch);
  return { changes: run.changes };
}

/** Takes back what members have had for too long by `nowMs` (monotonic); what has changed, to be written down. */
export function expireLocks(state: SharePartitionState, nowMs: number): readonly StateBatch[] {
  const changed: StateBatch[] = [];
  for (let lock = state.locks.takeExpired(nowMs); lock !== undefined; lock = state.locks.takeExpired(nowMs)) {
    const { firstOffset, lastOffset } = lock;
    const floor = state.batches.floor(firstOffset);
    if (floor === undefined) continue;
    for (const batch of state.batches.between(floor.firstOffset, lastOffset)) {
      expire(state, batch, firstOffset, lastOffset, changed);
    }
  }
  return changed;
}

function expire(
  state: SharePartitionState,
  batch: InFlightBatch,
  firstOffset: number,
  lastOffset: number,
  changed: StateBatch[],
): void {
  splitAtStart(state, batch);
  if (batch.whole !== undefined) return expireOne(state, batch.whole, batch.firstOffset, batch.lastOffset, changed);
  const last = Math.min(batch.lastOffset, lastOffset);
  for (let offset = Math.max(batch.firstOffset, firstOffset); offset <= last; offset++) {
    expireOne(state, batch.stateAt(offset), offset, offset, changed);
  }
}

function expireOne(
  state: SharePartitionState,
  one: InFlightState,
  firstOffset: number,
  lastOffset: number,
  changed: StateBatch[],
): void {
  const target = lastOffset < state.startOffset ? RecordState.ARCHIVED : RecordState.AVAILABLE;
  if (!one.leave(target, state.limits.maxDeliveryCount)) return;
  one.dropLock();
  changed.push(written(one, firstOffset, lastOffset));
  if (one.isTerminal) state.deliveryCompleteCount += state.inWindow(firstOffset, lastOffset);
  else state.seek();
}

/** Where the start of the window has moved into a range that is acquired, what lies before it goes another way. */
function splitAtStart(state: SharePartitionState, batch: InFlightBatch): void {
  if (batch.whole?.state !== RecordState.ACQUIRED || !startsWithin(state, batch)) return;
  batch.split(state.locks);
}

function startsWithin(state: SharePartitionState, { firstOffset, lastOffset }: InFlightBatch): boolean {
  return firstOffset < state.startOffset && lastOffset >= state.startOffset;
}

function written({ state, deliveryCount }: InFlightState, firstOffset: number, lastOffset: number): StateBatch {
  return { firstOffset, lastOffset, deliveryState: state, deliveryCount };
}

class Acknowledgement {
  readonly #state: SharePartitionState;
  readonly #memberId: string;
  readonly #nowMs: number;
  readonly changes: Change[] = [];

  constructor(state: SharePartitionState, memberId: string, nowMs: number) {
    this.#state = state;
    this.#memberId = memberId;
    this.#nowMs = nowMs;
  }

  acknowledge(batch: AcknowledgementBatch): Fault | undefined {
    const state = this.#state;
    // What lies before the window is done with: nobody asks any more.
    if (batch.lastOffset < state.startOffset) return undefined;
    const { batches } = state;
    let floor = batches.floor(batch.firstOffset);
    if (floor === undefined && batch.firstOffset < state.startOffset) floor = batches.floor(state.startOffset);
    if (floor === undefined) return NOT_FOUND;
    const known = batches.between(floor.firstOffset, batch.lastOffset);
    const last = known[known.length - 1];
    if (last === undefined) return NOT_FOUND;
    if (last.lastOffset < batch.firstOffset) return FIRST_PAST;
    if (batch.lastOffset > last.lastOffset) return LAST_PAST;
    for (const one of known) {
      const fault = this.#acknowledgeIn(one, batch);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #acknowledgeIn(known: InFlightBatch, batch: AcknowledgementBatch): Fault | undefined {
    const state = this.#state;
    if (known.lastOffset < state.startOffset) return undefined;
    const { whole } = known;
    if (whole === undefined) return this.#acknowledgeOffsets(known, batch);
    if (whole.memberId === NO_MEMBER) return BATCH_NOT_ACQUIRED;
    if (whole.memberId !== this.#memberId) return NOT_OWNER_OF_BATCH;
    if (whole.isChanging) return CHANGING;
    const isWithin = known.firstOffset >= batch.firstOffset && known.lastOffset <= batch.lastOffset;
    if (!isWithin || batch.acknowledgeTypes.length > 1 || startsWithin(state, known)) {
      if (whole.state !== RecordState.ACQUIRED) return SUBSET_NOT_ACQUIRED;
      known.split(state.locks);
      return this.#acknowledgeOffsets(known, batch);
    }
    if (whole.state !== RecordState.ACQUIRED) return BATCH_NOT_ACQUIRED;
    return this.#apply(whole, known.firstOffset, known.lastOffset, batch.acknowledgeTypes[0] as number);
  }

  #acknowledgeOffsets(known: InFlightBatch, { firstOffset, lastOffset, acknowledgeTypes }: AcknowledgementBatch) {
    const last = Math.min(known.lastOffset, lastOffset);
    const first = Math.max(known.firstOffset, firstOffset, this.#state.startOffset);
    for (let offset = first; offset <= last; offset++) {
      const one = known.stateAt(offset);
      if (one.state !== RecordState.ACQUIRED) return OFFSET_NOT_ACQUIRED;
      if (one.isChanging) return CHANGING;
      if (one.memberId !== this.#memberId) return NOT_OWNER_OF_OFFSET;
      const type = acknowledgeTypes.length > 1 ? acknowledgeTypes[offset - firstOffset] : acknowledgeTypes[0];
      const fault = this.#apply(one, offset, offset, type as number);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #apply(one: InFlightState, firstOffset: number, lastOffset: number, type: number): Fault | undefined {
    const state = this.#state;
    const { isRenewEnabled, lockDurationMs, maxDeliveryCount } = state.limits;
    if (type === RENEW) {
      if (!isRenewEnabled) return RENEW_DISABLED;
      one.holdBy(state.locks.add(this.#nowMs + lockDurationMs, firstOffset, lastOffset));
      return undefined;
    }
    const target = TARGETS[type];
    if (target === undefined) return invalidRequest(`Invalid acknowledge type: [${type}]`);
    if (!one.beginLeaving(target, maxDeliveryCount)) return UNABLE;
    this.#changed(one, firstOffset, lastOffset);
    return undefined;
  }

  release(batch: InFlightBatch): void {
    const state = this.#state;
    if (batch.whole?.memberId === this.#memberId) splitAtStart(state, batch);
    if (batch.whole !== undefined) return this.#releaseOne(batch.whole, batch.firstOffset, batch.lastOffset);
    for (let offset = batch.firstOffset; offset <= batch.lastOffset; offset++) {
      this.#releaseOne(batch.stateAt(offset), offset, offset);
    }
  }

  #releaseOne(one: InFlightState, firstOffset: number, lastOffset: number): void {
    if (one.memberId !== this.#memberId || one.state !== RecordState.ACQUIRED) return;
    const { startOffset, limits } = this.#state;
    const target = lastOffset < startOffset ? RecordState.ARCHIVED : RecordState.AVAILABLE;
    if (one.beginLeaving(target, limits.maxDeliveryCount)) this.#changed(one, firstOffset, lastOffset);
  }

  #changed(one: InFlightState, firstOffset: number, lastOffset: number): void {
    this.changes.push({ state: one, batch: written(one, firstOffset, lastOffset) });
    if (one.isTerminal) this.#state.deliveryCompleteCount += this.#state.inWindow(firstOffset, lastOffset);
  }
}
