// What must hold of a share partition, whatever members, time and crashes do: the window of in-flight/ over a log, its state in
// the share coordinator, and beside them what is known of each record.
import {
  acknowledge,
  type AcknowledgementBatch,
  expireLocks,
  releaseMember,
} from '../../src/share-partitions/in-flight/acknowledgement.ts';
import { acquire, type AcquiredRange } from '../../src/share-partitions/in-flight/acquisition.ts';
import type { FetchedBatch } from '../../src/share-partitions/in-flight/fetched-batches.ts';
import { type Change, SharePartitionState } from '../../src/share-partitions/in-flight/share-partition-state.ts';
import { Errors } from '../../src/protocol/index.ts';
import { assert } from '../../src/runtime/index.ts';
import { ShareStateWorld } from '../share-coordinator/share-state.ts';

export const ACCEPT = 1;
export const RELEASE = 2;
export const REJECT = 3;
export const RENEW = 4;
const GAP = 0;
const LOCK_MS = 100;

interface Held {
  readonly memberId: string;
  readonly untilMs: number;
}

interface Known {
  readonly isGap: boolean;
  /** In all lives of the share partition. */
  deliveries: number;
  /** What a member has said and was told is done. */
  end: 'accepted' | 'rejected' | undefined;
  /** Said, and neither written nor refused yet. */
  isSaid: boolean;
  /** Said when a leader went: nobody knows what became of it, until it is delivered again. */
  isUncertain: boolean;
  held: Held | undefined;
}

interface Pending {
  readonly changes: readonly Change[];
  readonly said: readonly { readonly offset: number; readonly type: number }[];
}

export class SharePartitionModel {
  readonly #world: ShareStateWorld;
  readonly limits = { maxDeliveryCount: 3, maxInFlightRecords: 20, lockDurationMs: LOCK_MS, isRenewEnabled: true };
  #state: SharePartitionState;
  #leaderEpoch = 0;
  #nowMs = 0;
  #log: FetchedBatch[] = [];
  #logStart = 0;
  readonly #records: Known[] = [];
  #pending: Pending[] = [];

  constructor(updatesPerSnapshot: number, maxDeliveryCount: number) {
    this.#world = new ShareStateWorld({ updatesPerSnapshot });
    this.limits.maxDeliveryCount = maxDeliveryCount;
    this.#world.initialize();
    this.#state = this.#loaded();
  }

  #loaded(): SharePartitionState {
    const read = this.#world.read(this.#leaderEpoch);
    assert(read.errorCode === Errors.NONE, 'a state that is there is read');
    const state = new SharePartitionState(() => this.limits);
    assert(state.load(read, read.startOffset), 'a state that was written is not contradictory');
    return state;
  }

  get end(): number {
    return this.#records.length;
  }

  /** A batch of so many records, with so many offsets before it at which there is none. */
  append(count: number, gap: number): void {
    for (let at = 0; at < gap + count; at++) {
      this.#records.push({
        isGap: at < gap,
        deliveries: 0,
        end: undefined,
        isSaid: false,
        isUncertain: false,
        held: undefined,
      });
    }
    const lastOffset = this.end - 1;
    const facts = { position: 0, sizeBytes: 0, producerId: -1, isTransactional: false, isAbortMarker: false };
    this.#log.push({ baseOffset: lastOffset - count + 1, lastOffset, ...facts });
  }

  /** Retention takes so many batches away. */
  trim(count: number): void {
    const gone = this.#log.slice(0, count).at(-1);
    if (gone === undefined) return;
    this.#log = this.#log.slice(count);
    this.#logStart = gone.lastOffset + 1;
  }

  fetch(memberId: string, options: { maxRecords: number; batchSize: number; isRecordLimit: boolean; batches: number }) {
    const state = this.#state;
    if (!state.canAcquire) return [];
    if (state.nextFetchOffset() < this.#logStart) state.logStartMoved(this.#logStart);
    if (!state.canAcquire) return [];
    const fetchOffset = state.nextFetchOffset();
    const batches = this.#log.filter(({ lastOffset }) => lastOffset >= fetchOffset).slice(0, options.batches);
    const { ranges, count } = acquire(state, { memberId, fetchOffset, ...options, batches }, this.#nowMs);
    assert(state.inFlightRecords <= this.limits.maxInFlightRecords + 2 * this.#largest, 'the window has its limit');
    assert(!options.isRecordLimit || count <= options.maxRecords, 'no more than was asked for');
    for (const range of ranges) this.#delivered(memberId, range);
    return ranges;
  }

  /** With the offsets before it at which there is nothing. */
  get #largest(): number {
    return Math.max(0, ...this.#log.map(({ lastOffset }, at) => lastOffset - (this.#log[at - 1]?.lastOffset ?? -1)));
  }

  #delivered(memberId: string, { firstOffset, lastOffset, deliveryCount }: AcquiredRange): void {
    assert(deliveryCount >= 1 && deliveryCount <= this.limits.maxDeliveryCount, 'deliveries have their limit');
    for (let offset = firstOffset; offset <= lastOffset; offset++) {
      const known = this.#records[offset];
      assert(known !== undefined, 'what is not in the log is not delivered');
      assert(known.end === undefined, 'what is done with is not delivered again');
      assert(known.held === undefined || known.held.untilMs <= this.#nowMs, 'nobody has what another one has');
      known.held = { memberId, untilMs: this.#nowMs + LOCK_MS };
      known.deliveries++;
      known.isUncertain = false;
      assert(deliveryCount <= known.deliveries, 'no delivery counts that did not happen');
    }
  }

  /** What the member has, as ranges. */
  heldBy(memberId: string): readonly { firstOffset: number; lastOffset: number }[] {
    const ranges: { firstOffset: number; lastOffset: number }[] = [];
    for (const [offset, { held }] of this.#records.entries()) {
      if (held?.memberId !== memberId) continue;
      const open = ranges.at(-1);
      if (open?.lastOffset === offset - 1) open.lastOffset = offset;
      else ranges.push({ firstOffset: offset, lastOffset: offset });
    }
    return ranges;
  }

  /** The member says what became of a range of its own; `isLate`: it is written later. False: it was refused. */
  acknowledge(memberId: string, firstOffset: number, types: readonly number[], isLate: boolean): boolean {
    const acknowledgeTypes = types.map((type, at) => (this.#records[firstOffset + at]?.isGap === true ? GAP : type));
    const batch: AcknowledgementBatch = { firstOffset, lastOffset: firstOffset + types.length - 1, acknowledgeTypes };
    const result = acknowledge(this.#state, memberId, [batch], this.#nowMs);
    if (result.fault !== undefined) return false;
    const said = acknowledgeTypes.map((type, at) => ({ offset: firstOffset + at, type }));
    for (const { offset, type } of said) {
      // Of what the log has no more, anybody may say anything.
      if (offset < this.#logStart) continue;
      const known = this.#records[offset] as Known;
      assert(known.held?.memberId === memberId, 'only who has a record says what became of it');
      assert(known.held.untilMs >= this.#nowMs, 'whose lock has run out has nothing to say');
      if (type === RENEW) known.held = { memberId, untilMs: this.#nowMs + LOCK_MS };
      else known.isSaid = true;
    }
    const pending = { changes: result.changes, said: said.filter(({ type }) => type !== RENEW) };
    if (isLate) this.#pending.push(pending);
    else this.#write(pending);
    return true;
  }

  release(memberId: string): void {
    const result = releaseMember(this.#state, memberId, this.#nowMs);
    const changes = result.fault === undefined ? result.changes : [];
    this.#write({ changes, said: [] });
    for (const known of this.#records) if (known.held?.memberId === memberId && !known.isSaid) known.held = undefined;
  }

  /** Writes what waits for it, the oldest first; or all of it fails. */
  settle(isWritten: boolean): void {
    const waiting = this.#pending;
    this.#pending = [];
    for (const pending of waiting) {
      if (isWritten) this.#write(pending);
      else this.#failed(pending);
    }
  }

  #write({ changes, said }: Pending): void {
    if (changes.length > 0) this.#persist(changes.map(({ batch }) => batch));
    this.#state.settle(changes, true);
    for (const { offset, type } of said) this.#ended(offset, type);
  }

  #ended(offset: number, type: number): void {
    const known = this.#records[offset] as Known;
    known.held = undefined;
    known.isSaid = false;
    if (type !== RELEASE) known.end = type === ACCEPT ? 'accepted' : 'rejected';
  }

  #persist(batches: readonly Change['batch'][]): void {
    const written = this.#state.written(0, this.#leaderEpoch, batches);
    const { errorCode } = this.#world.run((shard, effects) => shard.write(this.#world.key(), written, effects));
    assert(errorCode === Errors.NONE, 'who leads may write');
  }

  #failed({ changes, said }: Pending): void {
    this.#state.settle(changes, false);
    for (const { offset } of said) {
      const known = this.#records[offset] as Known;
      known.isSaid = false;
      if (known.held !== undefined && known.held.untilMs <= this.#nowMs) known.held = undefined;
    }
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    const batches = expireLocks(this.#state, this.#nowMs);
    for (const known of this.#records) {
      if (known.held !== undefined && known.held.untilMs <= this.#nowMs && !known.isSaid) known.held = undefined;
    }
    if (batches.length === 0) return;
    this.#persist(batches);
    this.#state.moveStart();
  }

  /** Another node leads: of what was being written, some has been and some has not. Nobody was told. */
  crash(writtenChanges: number): void {
    for (const [at, { changes }] of this.#pending.entries()) {
      if (at < writtenChanges && changes.length > 0) this.#persist(changes.map(({ batch }) => batch));
    }
    this.#pending = [];
    this.#world.prune();
    this.#world.reload();
    this.#leaderEpoch++;
    this.#state = this.#loaded();
    for (const known of this.#records) {
      known.isUncertain ||= known.isSaid;
      known.isSaid = false;
      known.held = undefined;
    }
  }

  /** Everything is read and accepted by one member, until nothing is left; throws when something never comes. */
  drain(): void {
    this.settle(true);
    this.#drain();
    // What a leader has loaded may keep the window open until something new comes (Kafka: persisterReadResultGapWindow).
    this.append(1, 0);
    this.#drain();
    assert(this.#state.startOffset === this.end && this.#state.batches.size === 0, 'everything is done with at last');
    assert(this.#state.deliveryCompleteCount === 0, 'nothing is counted in an empty window');
    for (const { end, deliveries, isUncertain, isGap } of this.#records.slice(this.#logStart)) {
      if (end !== undefined || isUncertain || isGap) continue;
      assert(deliveries >= this.limits.maxDeliveryCount, 'what nobody has accepted was delivered often enough');
    }
  }

  #drain(): void {
    for (let turn = 0; !this.#isDone; turn++) {
      assert(turn < 50 * (this.end + 1), 'nothing stays for ever');
      this.pass(LOCK_MS);
      this.fetch('last', { maxRecords: 500, batchSize: 500, isRecordLimit: false, batches: 100 });
      for (const { firstOffset, lastOffset } of this.heldBy('last')) {
        const types = Array.from({ length: lastOffset - firstOffset + 1 }, () => ACCEPT);
        assert(this.acknowledge('last', firstOffset, types, false), 'who has a record may accept it');
      }
    }
  }

  get #isDone(): boolean {
    const { batches } = this.#state;
    if (this.#state.nextFetchOffset() < this.end) return false;
    return [...batches].every(({ whole, offsets }) => (offsets ?? [whole]).every((one) => one?.isTerminal === true));
  }
}
