// One partition that this node holds: its role and epoch as the metadata says, the high watermark, and who waits for it.
// A pure state machine over the log: what comes in is an append, a finished write, a follower's fetch or a new image.
import { Errors } from '../protocol/index.ts';
import type { AppendInfo, AppendOptions, PartitionLog } from '../log/index.ts';
import { DiskError } from '../runtime/index.ts';
import type { PartitionImage } from '../kraft/metadata/index.ts';
import type { Watcher } from './purgatory.ts';

/** Waits for one append to be acknowledged. `slot` is the waiter's own number for the partition. */
export interface AckWaiter {
  /** Called once. 0, or the code with which the produced partition is answered. */
  acknowledged(slot: number, errorCode: number): void;
}

/** Told of what is appended, by whomever, in the run in which it is appended. */
export interface AppendWatcher {
  /** Something is about to be appended, or refused. */
  beforeAppend(): void;
  appended(batch: Buffer, firstOffset: number, endOffset: number): void;
}

interface PendingAck {
  /** The log end behind the appended batch. */
  readonly endOffset: number;
  readonly waiter: AckWaiter;
  readonly slot: number;
  /** Not 0: the append has failed, which its waiter is told only when the disk no longer needs the produced bytes. */
  errorCode: number;
}

export interface PartitionState {
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

const NOWHERE: PartitionState = { leader: -1, leaderEpoch: -1, partitionEpoch: -1, replicas: [], isr: [] };

/** Which records a reader may see. */
export type ReadLimit = 'log-end' | 'high-watermark' | 'last-stable-offset';

export class Partition {
  readonly #localId: number;
  #log: PartitionLog;
  #state: PartitionState = NOWHERE;
  /** The end of the log when this replica became the leader. */
  #epochStartOffset = 0;
  /** Why this node no longer serves the partition: it was deleted, or its log directory has failed. */
  #goneCode: number = Errors.NONE;
  #isWriteAwaited = false;
  /** In the order of their offsets. */
  #writtenAcks: PendingAck[] = [];
  #replicatedAcks: PendingAck[] = [];
  /** The offset that each follower fetches from next: it has what is below. */
  readonly #followers = new Map<number, number>();
  readonly #watchers = new Set<Watcher>();
  /** The coordinator whose state this partition holds hears of each batch. */
  #appendWatcher: AppendWatcher | undefined;

  constructor(log: PartitionLog, localId: number) {
    this.#log = log;
    this.#localId = localId;
  }

  /** Another one after a move between log directories: not to be kept over a wait. */
  get log(): PartitionLog {
    return this.#log;
  }

  get topic(): string {
    return this.log.topic;
  }
  get index(): number {
    return this.log.partition;
  }
  get leader(): number {
    return this.#state.leader;
  }
  get leaderEpoch(): number {
    return this.#state.leaderEpoch;
  }
  get isLeader(): boolean {
    return this.#state.leader === this.#localId && this.#goneCode === Errors.NONE;
  }
  get isDeleted(): boolean {
    return this.#goneCode === Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }
  isReplica(brokerId: number): boolean {
    return this.#state.replicas.includes(brokerId);
  }
  /** How many in-sync replicas acks=all asks for: no more than there are replicas (Partition.effectiveMinIsr). */
  get effectiveMinIsr(): number {
    return Math.min(this.log.config.minInsyncReplicas, this.#state.replicas.length);
  }

  /** The offset at which reading ends, exclusive. */
  endFor(limit: ReadLimit): number {
    if (limit === 'log-end') return this.log.writtenEndOffset;
    return limit === 'high-watermark' ? this.log.highWatermark : this.log.lastStableOffset;
  }

  /** A new leader whose high watermark has not reached its own first offset cannot tell the latest offset (KIP-207). */
  get isCatchingUp(): boolean {
    return this.#epochStartOffset > this.log.highWatermark;
  }

  /** FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when the client's view is older or newer than ours (KIP-320), else 0. */
  checkLeaderEpoch(currentLeaderEpoch: number): number {
    if (currentLeaderEpoch === -1 || currentLeaderEpoch === this.#state.leaderEpoch) return Errors.NONE;
    return currentLeaderEpoch < this.#state.leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
  }

  /** The error that a request for this partition meets before anything is looked at, or 0. */
  checkAccess(currentLeaderEpoch: number, leaderOnly: boolean): number {
    if (this.#goneCode !== Errors.NONE) return this.#goneCode;
    const epochError = this.checkLeaderEpoch(currentLeaderEpoch);
    if (epochError !== Errors.NONE) return epochError;
    return leaderOnly && !this.isLeader ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.NONE;
  }

  /** NOT_LEADER_OR_FOLLOWER or NOT_ENOUGH_REPLICAS when an append with these acks must not even be tried, else 0. */
  checkAppend(acks: number): number {
    if (this.#goneCode === Errors.KAFKA_STORAGE_ERROR) return this.#goneCode;
    if (!this.isLeader) return Errors.NOT_LEADER_OR_FOLLOWER;
    if (acks === -1 && this.#state.isr.length < this.effectiveMinIsr) return Errors.NOT_ENOUGH_REPLICAS;
    return Errors.NONE;
  }

  /** Appends one batch; `options.leaderEpoch` must be ours. Expected failures stand in the result. */
  append(records: Buffer, options: AppendOptions): AppendInfo {
    this.#appendWatcher?.beforeAppend();
    const info = this.log.append(records, options);
    if (info.errorCode !== Errors.NONE) return info;
    this.#awaitWrite();
    if (!info.isDuplicate) this.#appendWatcher?.appended(records, info.firstOffset, info.lastOffset + 1);
    return info;
  }

  /** Has `watcher` told of every append from now on, and nobody else; undefined: nobody. */
  watchAppends(watcher: AppendWatcher | undefined): void {
    this.#appendWatcher = watcher;
  }

  /** Tells `waiter` when all before `endOffset` is written, for acks=all on every in-sync replica. */
  awaitAck(endOffset: number, acks: number, waiter: AckWaiter, slot: number): void {
    if (this.#isAcked(endOffset, acks)) waiter.acknowledged(slot, this.#ackCode(acks));
    else
      (acks === -1 ? this.#replicatedAcks : this.#writtenAcks).push({
        endOffset,
        waiter,
        slot,
        errorCode: Errors.NONE,
      });
  }

  /** Whether acks=all waits for more than the local write. */
  get waitsForOthers(): boolean {
    return this.#state.isr.length > 1;
  }

  #isAcked(endOffset: number, acks: number): boolean {
    return acks === -1 ? this.log.highWatermark >= endOffset : this.log.writtenEndOffset >= endOffset;
  }

  #ackCode(acks: number): number {
    if (acks !== -1 || this.#state.isr.length >= this.effectiveMinIsr) return Errors.NONE;
    return Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
  }

  #awaitWrite(): void {
    if (this.#isWriteAwaited) return;
    const { writtenEndOffset, logEndOffset } = this.log;
    if (writtenEndOffset >= logEndOffset) return;
    this.#isWriteAwaited = true;
    this.log.onWritten(writtenEndOffset + 1, this);
  }

  /** The log calls it when gathered batches have been written, or could not be and are cut off again. */
  written(errorCode: number): void {
    this.#isWriteAwaited = false;
    if (errorCode !== Errors.NONE) this.#failUnwritten(errorCode);
    this.#advance();
    this.#awaitWrite();
  }

  #failUnwritten(errorCode: number): void {
    const writtenEnd = this.log.writtenEndOffset;
    for (const acks of [this.#writtenAcks, this.#replicatedAcks]) {
      const kept = acks.findIndex((ack) => ack.endOffset > writtenEnd);
      if (kept === -1) continue;
      for (const ack of acks.splice(kept)) ack.waiter.acknowledged(ack.slot, ack.errorCode || errorCode);
    }
  }

  /** Moves the high watermark to what all in-sync replicas have, then tells who waited. */
  #advance(): void {
    const { log } = this;
    if (this.isLeader) {
      const highWatermark = this.#replicatedEnd();
      if (highWatermark > log.highWatermark) log.updateHighWatermark(highWatermark);
    }
    if (this.#writtenAcks.length > 0) this.#drain(this.#writtenAcks, log.writtenEndOffset, Errors.NONE);
    if (this.#replicatedAcks.length > 0) this.#drain(this.#replicatedAcks, log.highWatermark, this.#ackCode(-1));
    this.notify();
  }

  #replicatedEnd(): number {
    let end = this.log.writtenEndOffset;
    const { isr } = this.#state;
    if (isr.length <= 1) return end;
    for (const id of isr) {
      if (id !== this.#localId) end = Math.min(end, this.#followers.get(id) ?? this.log.highWatermark);
    }
    return end;
  }

  #drain(acks: PendingAck[], upTo: number, errorCode: number): void {
    let count = 0;
    for (const ack of acks) {
      if (ack.endOffset > upTo) break;
      count += 1;
    }
    if (count === 0) return;
    for (const ack of acks.splice(0, count)) ack.waiter.acknowledged(ack.slot, ack.errorCode || errorCode);
  }

  /** A follower has asked for `fetchOffset`, so it has everything before. */
  followerFetched(brokerId: number, fetchOffset: number): void {
    if (fetchOffset > this.log.writtenEndOffset) return;
    this.#followers.set(brokerId, fetchOffset);
    this.#advance();
  }

  /** Takes over what a new image says: role, epoch, replicas. */
  update(image: PartitionImage): void {
    const before = this.#state;
    this.#state = image;
    const isNewEpoch = image.leaderEpoch !== before.leaderEpoch;
    if (this.isLeader && isNewEpoch) {
      this.#epochStartOffset = this.log.logEndOffset;
      this.log.becomeLeader(image.leaderEpoch);
    }
    if (!this.isLeader || isNewEpoch) {
      this.#followers.clear();
      // What was appended under another leadership may not survive; the producer has to ask the leader again.
      if (before.leaderEpoch !== -1) this.#fail(Errors.NOT_LEADER_OR_FOLLOWER);
    }
    this.#advance();
  }

  /** The waiter's time is over: what is written is answered with `errorCode` now, the rest when it is written. */
  abandon(waiter: AckWaiter, errorCode: number): void {
    this.#fail(errorCode, waiter);
  }

  /** Fails the waits of `only`, or all. An unwritten append is told later: the disk still reads from the request's frame. */
  #fail(errorCode: number, only?: AckWaiter): void {
    const isMeant = (ack: PendingAck): boolean => only === undefined || ack.waiter === only;
    const meant = [...this.#writtenAcks, ...this.#replicatedAcks].filter(isMeant);
    if (meant.length === 0) return;
    const writtenEnd = this.log.writtenEndOffset;
    const unwritten = meant.filter((ack) => ack.endOffset > writtenEnd);
    for (const ack of unwritten) ack.errorCode = errorCode;
    const others = this.#writtenAcks.filter((ack) => !isMeant(ack));
    this.#writtenAcks = [...others, ...unwritten].sort((a, b) => a.endOffset - b.endOffset);
    this.#replicatedAcks = this.#replicatedAcks.filter((ack) => !isMeant(ack));
    for (const ack of meant) if (ack.endOffset <= writtenEnd) ack.waiter.acknowledged(ack.slot, errorCode);
  }

  /**
   * `log`, in another directory, goes on in the place of ours: it has all that was written there. `gathered` is what was
   * appended and not written; who waits for it goes on waiting. `now`: milliseconds since the epoch.
   */
  replaceLog(log: PartitionLog, gathered: readonly Buffer[], now: number): void {
    this.#log = log;
    if (this.isLeader) log.becomeLeader(this.#state.leaderEpoch);
    try {
      for (const records of gathered) log.appendAsFollower(records, { now });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log.diskFailed(error);
      this.#failUnwritten(Errors.KAFKA_STORAGE_ERROR);
    }
    this.#isWriteAwaited = false;
    this.#awaitWrite();
    this.#advance();
  }

  /** The topic is gone: who waits is told at once. */
  delete(): void {
    this.#leave(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  /** The log directory has failed: who waits is told at once. */
  goOffline(): void {
    this.#leave(Errors.KAFKA_STORAGE_ERROR);
  }

  #leave(code: number): void {
    this.#goneCode = code;
    this.#fail(code);
    this.notify();
  }

  watch(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }
  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }
  /** Something has moved that may satisfy who is parked here. */
  notify(): void {
    if (this.#watchers.size === 0) return;
    for (const watcher of this.#watchers) watcher.moved();
  }
}
