// What a share group does with one partition of a topic, on the leader (KIP-932; Kafka: SharePartition): a window of records
// that are on their way, between the first one that is not done with and the last one that was handed out. Pure: times come
// in, and what has to be written down comes out as changes that `settle` is told the end of. What members ask for stands in
// acquisition.ts and acknowledgement.ts; here is what moves the window.
import type { ReadShareGroupStateResponse } from '../../protocol/messages/84-read-share-group-state.ts';
import type { WriteShareGroupStateRequest } from '../../protocol/messages/85-write-share-group-state.ts';
import { assert } from '../../runtime/index.ts';
import { AcquisitionLocks } from './acquisition-locks.ts';
import { InFlightBatch } from './in-flight-batch.ts';
import { InFlightBatches } from './in-flight-batches.ts';
import { InFlightState, isTerminal, NO_MEMBER, RecordState } from './in-flight-state.ts';

/** What the group is configured with; read anew for everything that is judged by it. */
export interface ShareLimits {
  /** How often a record is delivered before it is given up. */
  readonly maxDeliveryCount: number;
  /** Records of the window. */
  readonly maxInFlightRecords: number;
  readonly lockDurationMs: number;
  readonly isRenewEnabled: boolean;
}

export type WrittenState = WriteShareGroupStateRequest['topics'][number]['partitions'][number];
type LoadedState = ReadShareGroupStateResponse['results'][number]['partitions'][number];
export type StateBatch = WrittenState['stateBatches'][number];

/** A change that has been made, and has to be written down. */
export interface Change {
  readonly state: InFlightState;
  readonly batch: StateBatch;
}

/** Between what was loaded there may be records of which nothing is known: they are still to be fetched. */
interface GapWindow {
  /** The end of what was loaded: once the window has grown beyond it, all that is left out does not exist. */
  readonly endOffset: number;
  startOffset: number;
}

const NOWHERE = -1;

export class SharePartitionState {
  readonly batches = new InFlightBatches();
  readonly locks = new AcquisitionLocks();
  readonly #limits: () => ShareLimits;
  /** The first offset that is not done with. */
  startOffset = 0;
  /** The last offset that was handed out; that of the next fetch while nothing is on its way. */
  endOffset = 0;
  /** Records of the window that are done with. */
  deliveryCompleteCount = 0;
  stateEpoch = 0;
  #gap: GapWindow | undefined;
  /** Something within the window may be available. */
  #mustSeek = false;

  constructor(limits: () => ShareLimits) {
    this.#limits = limits;
  }

  get limits(): ShareLimits {
    return this.#limits();
  }

  /** Begins with what was written down; `startOffset` where that names none. False: it contradicts itself. */
  load({ stateEpoch, stateBatches }: Pick<LoadedState, 'stateEpoch' | 'stateBatches'>, startOffset: number): boolean {
    assert(this.batches.size === 0, 'a share partition is loaded once');
    this.stateEpoch = stateEpoch;
    this.startOffset = startOffset;
    this.endOffset = startOffset;
    let expected = startOffset;
    let gapStart = NOWHERE;
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of stateBatches) {
      if (firstOffset < expected || lastOffset < firstOffset) return false;
      if (gapStart === NOWHERE && firstOffset > expected) gapStart = expected;
      expected = lastOffset + 1;
      const state = new InFlightState(deliveryState as RecordState, deliveryCount, NO_MEMBER);
      this.batches.put(new InFlightBatch(firstOffset, lastOffset, state));
      if (state.isTerminal) this.deliveryCompleteCount += lastOffset - firstOffset + 1;
    }
    const { last } = this.batches;
    if (last === undefined) return true;
    this.#mustSeek = true;
    this.endOffset = last.lastOffset;
    if (gapStart !== NOWHERE) this.#gap = { endOffset: this.endOffset, startOffset: gapStart };
    this.moveStart();
    return true;
  }

  /**
   * What is written down of `batches`. Where the window begins, and how much of it is done with, is told as it is whenever that is sent:
   * a write that has to be sent again may come behind a later one, and must not take that back.
   */
  written(partition: number, leaderEpoch: number, stateBatches: readonly StateBatch[]): WrittenState {
    const now = (): { startOffset: number; deliveryCompleteCount: number } => this;
    return {
      partition,
      stateEpoch: this.stateEpoch,
      leaderEpoch,
      get startOffset() {
        return now().startOffset;
      },
      get deliveryCompleteCount() {
        return now().deliveryCompleteCount;
      },
      stateBatches: [...stateBatches],
    };
  }

  seek(): void {
    this.#mustSeek = true;
  }

  /** Whether gaps within the window are still to be fetched. */
  get hasOpenGap(): boolean {
    return this.#gap !== undefined && this.#gap.endOffset === this.endOffset;
  }

  /** Everything before `offset` has been fetched. */
  gapFetched(offset: number): void {
    if (this.#gap === undefined) return;
    if (this.hasOpenGap && offset <= this.#gap.endOffset) this.#gap.startOffset = offset;
    else this.#gap = undefined;
  }

  get inFlightRecords(): number {
    return this.batches.size === 0 ? 0 : this.endOffset - this.startOffset + 1;
  }

  /** Room in the window, or something within it that is available. */
  get canAcquire(): boolean {
    return this.nextFetchOffset() !== this.endOffset + 1 || this.inFlightRecords < this.limits.maxInFlightRecords;
  }

  /** Where to read next: what has come back first, then what is new. */
  nextFetchOffset(): number {
    const { last } = this.batches;
    if (last === undefined || this.startOffset > last.lastOffset) {
      this.#mustSeek = false;
      return this.endOffset;
    }
    if (!this.#mustSeek) return this.endOffset + 1;
    const found = this.#firstAvailable();
    if (found !== NOWHERE) return found;
    this.#mustSeek = false;
    return this.endOffset + 1;
  }

  #firstAvailable(): number {
    let gapStart = this.hasOpenGap ? (this.#gap?.startOffset ?? NOWHERE) : NOWHERE;
    const hasGap = gapStart !== NOWHERE;
    for (const batch of this.batches) {
      if (hasGap) {
        if (batch.firstOffset > gapStart) return gapStart;
        gapStart = Math.max(batch.lastOffset + 1, gapStart);
      }
      if (batch.whole !== undefined) {
        if (batch.whole.canBeAcquired) return batch.firstOffset;
        continue;
      }
      const at = batch.offsets?.findIndex((state) => state.canBeAcquired) ?? -1;
      if (at >= 0) return batch.firstOffset + at;
    }
    return NOWHERE;
  }

  /** How many of the offsets lie in the window. */
  inWindow(firstOffset: number, lastOffset: number): number {
    return lastOffset < this.startOffset ? 0 : lastOffset - Math.max(this.startOffset, firstOffset) + 1;
  }

  /** Ends changes that were begun. True when the window has moved. */
  settle(changes: readonly Change[], isWritten: boolean): boolean {
    let isBehind = false;
    for (const { state, batch } of changes) {
      state.complete(isWritten);
      if (state.state === RecordState.AVAILABLE) {
        this.#mustSeek = true;
        isBehind ||= batch.firstOffset < this.startOffset;
      }
      if (isWritten) continue;
      // What counted as done is not, as far as it is still in the window.
      if (isTerminal(batch.deliveryState as RecordState) && !state.isTerminal) {
        this.deliveryCompleteCount -= this.inWindow(batch.firstOffset, batch.lastOffset);
      }
    }
    // The window has moved meanwhile: nobody can be given what lies behind it.
    if (isBehind) this.archive(this.batches, 0, this.startOffset, RecordState.AVAILABLE, false);
    // Even what could not be written may have come to its end: its lock has run out at the last delivery.
    return changes.length > 0 && this.moveStart();
  }

  /** Moves the start over what is done with, and over what does not exist. */
  moveStart(): boolean {
    const hasSkipped = this.#skipHole();
    return (this.#isStartDone() && this.#moveOverDone()) || hasSkipped;
  }

  /** The window does not begin where there is nothing: nobody would ever be done with that. */
  #skipHole(): boolean {
    const { first } = this.batches;
    if (first === undefined || first.firstOffset <= this.startOffset) return false;
    if (this.hasOpenGap && (this.#gap?.startOffset ?? 0) < first.firstOffset) return false;
    this.startOffset = first.firstOffset;
    return true;
  }

  #moveOverDone(): boolean {
    const { lastDone, count } = this.#doneFromStart();
    if (lastDone === NOWHERE) return false;
    const last = this.batches.last as InFlightBatch;
    if (lastDone === last.lastOffset) {
      this.startOffset = last.lastOffset + 1;
      this.endOffset = this.startOffset;
      this.batches.clear();
      this.deliveryCompleteCount = 0;
      return true;
    }
    const reached = this.batches.floor(lastDone) as InFlightBatch;
    if (lastDone === reached.lastOffset) {
      const next = (this.batches.higher(lastDone) as InFlightBatch).firstOffset;
      this.startOffset = Math.max(this.startOffset, next);
      if (this.hasOpenGap) this.startOffset = Math.min(this.#gap?.startOffset ?? NOWHERE, this.startOffset);
      this.batches.removeBefore(reached.lastOffset + 1);
    } else {
      // Only whole ranges leave: the start moves within this one.
      this.startOffset = Math.max(this.startOffset, lastDone + 1);
      this.batches.removeBefore(reached.firstOffset);
    }
    this.deliveryCompleteCount -= count;
    return true;
  }

  #isStartDone(): boolean {
    // Without a range at the start there is a gap, which is still to be fetched.
    const batch = this.batches.floor(this.startOffset);
    if (batch === undefined) return false;
    const state = batch.stateAt(Math.min(this.startOffset, batch.lastOffset));
    return !state.isChanging && state.isTerminal;
  }

  /** The last offset up to which all is done with, and how many records of the window that are. */
  #doneFromStart(): { readonly lastDone: number; readonly count: number } {
    let lastDone = NOWHERE;
    let count = 0;
    for (const batch of this.batches) {
      if (this.hasOpenGap && batch.lastOffset >= (this.#gap?.startOffset ?? 0)) break;
      if (batch.whole !== undefined) {
        if (batch.whole.isChanging || !batch.whole.isTerminal) break;
        lastDone = batch.lastOffset;
        count += this.inWindow(batch.firstOffset, batch.lastOffset);
        continue;
      }
      const open = batch.offsets?.findIndex((state) => state.isChanging || !state.isTerminal) ?? -1;
      const upTo = open < 0 ? batch.lastOffset : batch.firstOffset + open - 1;
      if (upTo >= batch.firstOffset) {
        lastDone = upTo;
        count += this.inWindow(batch.firstOffset, upTo);
      }
      if (open >= 0) break;
    }
    return { lastDone, count };
  }

  /**
   * The log begins at `logStartOffset` now: what was available before it is archived, what members have stays theirs until
   * their locks run out. It is written down with the next change.
   */
  logStartMoved(logStartOffset: number): void {
    if (logStartOffset <= this.startOffset) return;
    if (this.batches.size === 0) {
      this.startOffset = logStartOffset;
      this.endOffset = logStartOffset;
      this.deliveryCompleteCount = 0;
      return;
    }
    const done = this.#doneBefore(logStartOffset);
    this.archive(this.batches, this.startOffset, logStartOffset, RecordState.AVAILABLE, false);
    this.startOffset = logStartOffset;
    this.deliveryCompleteCount -= done;
    if (this.endOffset < this.startOffset) this.endOffset = this.startOffset;
  }

  #doneBefore(offset: number): number {
    let count = 0;
    for (const batch of this.batches) {
      if (batch.firstOffset >= offset) break;
      const first = Math.max(this.startOffset, batch.firstOffset);
      const last = Math.min(offset - 1, batch.lastOffset);
      if (batch.whole !== undefined) {
        if (batch.whole.isTerminal && first <= last) count += last - first + 1;
        continue;
      }
      for (let at = first; at <= last; at++) if (batch.stateAt(at).isTerminal) count++;
    }
    return count;
  }

  /** Archives what is in state `from` of the offsets [startOffset, endOffset) in `batches`. `isCounted`: they lie in the window. */
  archive(
    batches: Iterable<InFlightBatch>,
    startOffset: number,
    endOffset: number,
    from: RecordState,
    isCounted: boolean,
  ): void {
    let archived = 0;
    for (const batch of batches) {
      if (batch.firstOffset >= endOffset) break;
      const isWithin = batch.firstOffset >= startOffset && batch.lastOffset < endOffset;
      if (batch.whole !== undefined) {
        if (batch.whole.state !== from) continue;
        if (isWithin) {
          batch.whole.archive();
          archived += batch.recordCount;
          continue;
        }
      }
      const offsets = batch.split(this.locks);
      const last = Math.min(batch.lastOffset, endOffset - 1);
      for (let at = Math.max(batch.firstOffset, startOffset); at <= last; at++) {
        const state = offsets[at - batch.firstOffset] as InFlightState;
        if (state.state !== from) continue;
        state.archive();
        archived++;
      }
    }
    if (archived === 0) return;
    this.#mustSeek = true;
    if (isCounted) this.deliveryCompleteCount += archived;
  }
}
