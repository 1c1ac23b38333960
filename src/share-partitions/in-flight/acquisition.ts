// A member acquires records that were read for it (KIP-932, KIP-1206; Kafka: SharePartition.acquire). What comes back is
// offered as it lies in the window; what is new joins it in whole batches of the log. Records that were delivered too often
// already are handed out in ever smaller portions, at the last time alone, so that one that nobody can read does not take
// others with it.
import type { FetchedBatch } from './fetched-batches.ts';
import { InFlightBatch } from './in-flight-batch.ts';
import { InFlightState, RecordState } from './in-flight-state.ts';
import type { ShareLimits, SharePartitionState } from './share-partition-state.ts';

export interface AcquireRequest {
  readonly memberId: string;
  /** At most `maxRecords`, not even the rest of their batch (share.acquire.mode record_limit). */
  readonly isRecordLimit: boolean;
  /** Records of one range, as far as the batches of the log allow. */
  readonly batchSize: number;
  readonly maxRecords: number;
  /** Where the log was read. */
  readonly fetchOffset: number;
  /** What was found there, in order. */
  readonly batches: readonly FetchedBatch[];
}

export interface AcquiredRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

export interface Acquired {
  readonly ranges: readonly AcquiredRange[];
  readonly count: number;
}

const NOTHING: Acquired = { ranges: [], count: 0 };
/** SharePartition.MINIMUM_THROTTLE_RECORDS_DELIVERY_LIMIT */
const LEAST_THROTTLED_DELIVERIES = 2;
/** With a limit of two every second delivery is the last one: nothing is gained by delivering it alone. */
const ALONE_ABOVE = 2;

/** `nowMs`: monotonic. */
export function acquire(state: SharePartitionState, request: AcquireRequest, nowMs: number): Acquired {
  return new Acquisition(state, request, nowMs).run();
}

class Acquisition {
  readonly #state: SharePartitionState;
  readonly #request: AcquireRequest;
  readonly #limits: ShareLimits;
  readonly #deadlineMs: number;
  readonly #ranges: AcquiredRange[] = [];
  #count = 0;
  #maxRecords = 0;

  constructor(state: SharePartitionState, request: AcquireRequest, nowMs: number) {
    this.#state = state;
    this.#request = request;
    this.#limits = state.limits;
    this.#deadlineMs = nowMs + this.#limits.lockDurationMs;
  }

  run(): Acquired {
    const { maxRecords, batches } = this.#request;
    const first = batches[0];
    const last = batches[batches.length - 1];
    if (maxRecords <= 0 || first === undefined || last === undefined) return NOTHING;
    if (last.lastOffset < this.#state.startOffset) return NOTHING;
    const lastOffset = this.#bound(last.lastOffset);
    if (this.#maxRecords <= 0) return NOTHING;
    this.#archiveStale(first.baseOffset);
    const from = this.#firstOffset(first.baseOffset);
    const known = this.#state.batches.between(Math.min(first.baseOffset, from), lastOffset);
    if (known.length === 0) this.#acquireNew(from, lastOffset, this.#maxRecords);
    else this.#acquireKnown(known, first.baseOffset, from, lastOffset);
    // What had to be archived, or does not exist, may have been all that the window waited for.
    this.#state.moveStart();
    return { ranges: this.#ranges, count: this.#count };
  }

  /** The last offset that may be acquired; within a full window what has come back, and no more. */
  #bound(lastOffset: number): number {
    const state = this.#state;
    const { maxRecords, fetchOffset } = this.#request;
    this.#maxRecords = Math.min(maxRecords, this.#limits.maxInFlightRecords - state.inFlightRecords);
    if (this.#maxRecords > 0 || fetchOffset > state.endOffset) return lastOffset;
    this.#maxRecords = Math.min(maxRecords, state.endOffset - fetchOffset + 1);
    return Math.min(lastOffset, state.endOffset);
  }

  /** Where the log has nothing any more, compaction has taken it. */
  #archiveStale(baseOffset: number): void {
    const { batches } = this.#state;
    const { fetchOffset } = this.#request;
    if (batches.size === 0 || fetchOffset >= baseOffset) return;
    const floor = batches.floor(fetchOffset);
    const from = floor !== undefined && floor.lastOffset >= fetchOffset ? floor.firstOffset : fetchOffset;
    const stale = batches.between(from, baseOffset - 1);
    this.#state.archive(stale, fetchOffset, baseOffset, RecordState.AVAILABLE, true);
  }

  #firstOffset(baseOffset: number): number {
    const floor = this.#state.batches.floor(baseOffset);
    if (floor === undefined) return Math.max(baseOffset, this.#state.startOffset);
    return floor.lastOffset >= baseOffset ? floor.firstOffset : baseOffset;
  }

  #acquireKnown(known: readonly InFlightBatch[], baseOffset: number, from: number, lastOffset: number): void {
    let gapStart = from;
    for (const batch of known) {
      if (this.#count >= this.#maxRecords) break;
      if (this.#state.hasOpenGap) {
        if (gapStart < batch.firstOffset) {
          this.#acquireNew(gapStart, batch.firstOffset - 1, this.#maxRecords - this.#count);
        }
        gapStart = batch.lastOffset + 1;
        if (this.#count >= this.#maxRecords) break;
      }
      this.#acquireBatch(batch, baseOffset, lastOffset);
    }
    const lastKnown = (known[known.length - 1] as InFlightBatch).lastOffset;
    if (this.#count < this.#maxRecords && lastKnown < lastOffset) {
      this.#acquireNew(lastKnown + 1, lastOffset, this.#maxRecords - this.#count);
    }
    // With room left, all that was read has been looked at: what is not known there by now does not exist.
    const last = this.#ranges[this.#ranges.length - 1];
    if (this.#count < this.#maxRecords) this.#state.gapFetched(lastOffset + 1);
    else if (last !== undefined) this.#state.gapFetched(last.lastOffset + 1);
  }

  #acquireBatch(batch: InFlightBatch, firstOffset: number, lastOffset: number): void {
    const isWithin = batch.firstOffset >= firstOffset && batch.lastOffset <= lastOffset;
    const isTooLarge = this.#request.isRecordLimit && batch.recordCount > this.#maxRecords - this.#count;
    const isThrottled = this.#isThrottled(batch, firstOffset, lastOffset);
    if (isThrottled && this.#count > 0) {
      this.#maxRecords = 0;
      return;
    }
    const { whole } = batch;
    if (isWithin && whole !== undefined && !isTooLarge && !isThrottled) {
      if (!whole.canBeAcquired) return;
      const { locks } = this.#state;
      whole.acquire(this.#request.memberId, locks.add(this.#deadlineMs, batch.firstOffset, batch.lastOffset));
      this.#add(batch.firstOffset, batch.lastOffset, whole.deliveryCount);
      return;
    }
    if (whole?.canBeAcquired === false) return;
    const before = this.#count;
    this.#acquireOffsets(batch, firstOffset, lastOffset);
    if (isThrottled && this.#count > before) this.#maxRecords = 0;
  }

  get #throttleLimit(): number {
    return Math.max(LEAST_THROTTLED_DELIVERIES, Math.ceil(this.#limits.maxDeliveryCount / 2));
  }

  #isThrottled({ whole, offsets, firstOffset: base }: InFlightBatch, firstOffset: number, lastOffset: number): boolean {
    const limit = this.#throttleLimit;
    if (whole !== undefined) return whole.canBeAcquired && whole.deliveryCount >= limit;
    return (offsets ?? []).some((state, at) => {
      const offset = base + at;
      return offset >= firstOffset && offset <= lastOffset && state.canBeAcquired && state.deliveryCount >= limit;
    });
  }

  #acquireOffsets(batch: InFlightBatch, firstOffset: number, lastOffset: number): void {
    const { locks } = this.#state;
    const { memberId, isRecordLimit } = this.#request;
    const { maxDeliveryCount } = this.#limits;
    const offsets = batch.split(locks);
    const allowed = this.#maxRecords - this.#count;
    const found: AcquiredRange[] = [];
    let portion = Number.POSITIVE_INFINITY;
    const last = Math.min(batch.lastOffset, lastOffset);
    for (let offset = Math.max(batch.firstOffset, firstOffset); offset <= last; offset++) {
      const state = offsets[offset - batch.firstOffset] as InFlightState;
      if (!state.canBeAcquired) continue;
      const isLastDelivery = maxDeliveryCount > ALONE_ABOVE && state.deliveryCount === maxDeliveryCount - 1;
      if (isLastDelivery && found.length > 0) break;
      const beyond = state.deliveryCount - this.#throttleLimit;
      if (beyond >= 0 && portion === Number.POSITIVE_INFINITY) portion = Math.max(1, offsets.length >> (beyond + 1));
      state.acquire(memberId, locks.add(this.#deadlineMs, offset, offset));
      found.push({ firstOffset: offset, lastOffset: offset, deliveryCount: state.deliveryCount });
      if (isLastDelivery || (isRecordLimit && found.length === allowed) || found.length === portion) break;
    }
    this.#count += found.length;
    joinInto(this.#ranges, found);
  }

  /** Records that were never handed out: they join the window. */
  #acquireNew(from: number, to: number, maxRecords: number): void {
    const state = this.#state;
    const { isRecordLimit } = this.#request;
    // Everything was done with meanwhile: what was fetched before must not come again.
    const first = state.batches.size === 0 ? Math.max(from, state.endOffset) : from;
    let last = to;
    if (maxRecords < last - first + 1) last = this.#batchEnd(first + maxRecords - 1);
    const next = state.batches.higher(first);
    if (next !== undefined) last = Math.min(last, next.firstOffset - 1);
    if (last < first) return;
    let lastAcquired = last;
    if (isRecordLimit && last - first + 1 > maxRecords) {
      lastAcquired = first + maxRecords - 1;
      const batch = new InFlightBatch(first, last, this.#newlyAcquired());
      batch.splitAcquired(lastAcquired, this.#deadlineMs, state.locks);
      state.batches.put(batch);
      state.seek();
      this.#add(first, lastAcquired, 1);
    } else {
      for (const end of this.#rangeEnds(first, last)) this.#putNew(end);
    }
    if (state.batches.first?.firstOffset === first) state.startOffset = first;
    if (last > state.endOffset) state.endOffset = last;
    state.gapFetched(lastAcquired + 1);
  }

  #putNew({ firstOffset, lastOffset }: { readonly firstOffset: number; readonly lastOffset: number }): void {
    const lock = this.#state.locks.add(this.#deadlineMs, firstOffset, lastOffset);
    const acquired = this.#newlyAcquired();
    acquired.holdBy(lock);
    this.#state.batches.put(new InFlightBatch(firstOffset, lastOffset, acquired));
    this.#add(firstOffset, lastOffset, 1);
  }

  #newlyAcquired(): InFlightState {
    return new InFlightState(RecordState.ACQUIRED, 1, this.#request.memberId);
  }

  /** The ranges that [first, last] is split into: each of whole batches of the log, and at least batchSize records. */
  #rangeEnds(first: number, last: number): { readonly firstOffset: number; readonly lastOffset: number }[] {
    const { isRecordLimit, batchSize, batches } = this.#request;
    const ranges: { firstOffset: number; lastOffset: number }[] = [];
    let firstOffset = first;
    if (!isRecordLimit && last - first + 1 > batchSize) {
      for (const { baseOffset } of batches) {
        if (baseOffset > last) break;
        if (baseOffset - firstOffset < batchSize || baseOffset <= firstOffset) continue;
        ranges.push({ firstOffset, lastOffset: baseOffset - 1 });
        firstOffset = baseOffset;
      }
    }
    ranges.push({ firstOffset, lastOffset: last });
    return ranges;
  }

  /** The end of the batch in the log that `offset` lies in; itself, if it lies in none. */
  #batchEnd(offset: number): number {
    let found: FetchedBatch | undefined;
    for (const batch of this.#request.batches) {
      if (batch.baseOffset > offset) break;
      found = batch;
    }
    return found !== undefined && offset <= found.lastOffset ? found.lastOffset : offset;
  }

  #add(firstOffset: number, lastOffset: number, deliveryCount: number): void {
    this.#ranges.push({ firstOffset, lastOffset, deliveryCount });
    this.#count += lastOffset - firstOffset + 1;
  }
}

/** Adds `found`, with neighbours that were delivered equally often as one range. */
function joinInto(ranges: AcquiredRange[], found: readonly AcquiredRange[]): void {
  let open: AcquiredRange | undefined;
  for (const range of found) {
    if (open !== undefined && range.firstOffset === open.lastOffset + 1 && range.deliveryCount === open.deliveryCount) {
      open = { ...open, lastOffset: range.lastOffset };
      continue;
    }
    if (open !== undefined) ranges.push(open);
    open = range;
  }
  if (open !== undefined) ranges.push(open);
}
