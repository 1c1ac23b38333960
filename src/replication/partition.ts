// One partition that this node holds: its role and epoch as the metadata says, the high watermark, and who waits for it.
// A pure state machine over the log: what comes in is an append, a finished write, a follower's fetch or a new image.
import { Errors } from '../protocol/index.ts';
import type { AppendInfo, AppendOptions, PartitionLog } from '../log/index.ts';
import { assert, DiskError } from '../runtime/index.ts';
import type { PartitionImage } from '../kraft/metadata/index.ts';
import { ALONE, type ClusterView } from './leading/cluster-view.ts';
import type { Follower } from './leading/follower.ts';
import { type LedPartition, Leadership, type PartitionState } from './leading/leadership.ts';
import type { ReplicaProgress } from './leading/replica-progress.ts';
import { type AckWaiter, PendingAcks } from './pending-acks.ts';
import type { Watcher } from './purgatory.ts';

/** Told of what is appended, by whomever, in the run in which it is appended. */
export interface AppendWatcher {
  /** Something is about to be appended, or refused. */
  beforeAppend(): void;
  appended(batch: Buffer, firstOffset: number, endOffset: number): void;
}

const NOWHERE: PartitionState = { leader: -1, leaderEpoch: -1, partitionEpoch: -1, replicas: [], isr: [] };

/** Which records a reader may see. */
export type ReadLimit = 'log-end' | 'high-watermark' | 'last-stable-offset';

export class Partition implements LedPartition {
  /** Undefined where a test has no use for it. */
  readonly topicId: string | undefined;
  readonly #localId: number;
  readonly #cluster: ClusterView;
  #log: PartitionLog;
  #state: PartitionState = NOWHERE;
  /** Why this node no longer serves the partition: it was deleted, or its log directory has failed. */
  #goneCode: number = Errors.NONE;
  #isWriteAwaited = false;
  /** The high watermark of the leader that this replica follows, as it was last told. */
  #leaderHighWatermark = 0;
  #cuts = 0;
  readonly #acks: PendingAcks;
  readonly #leadership: Leadership;
  readonly #watchers = new Set<Watcher>();
  /** The coordinator whose state this partition holds hears of each batch. */
  #appendWatcher: AppendWatcher | undefined;

  /** `acks` and `progress` are there for tests, which put wrong ones in. */
  constructor(
    log: PartitionLog,
    localId: number,
    parts: {
      readonly topicId?: string;
      readonly cluster?: ClusterView;
      readonly acks?: PendingAcks;
      readonly progress?: ReplicaProgress;
    } = {},
  ) {
    const { topicId, cluster = ALONE, acks = new PendingAcks(), progress } = parts;
    this.topicId = topicId;
    this.#log = log;
    this.#localId = localId;
    this.#cluster = cluster;
    this.#acks = acks;
    this.#leadership = new Leadership(localId, cluster, this, progress);
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
  /** Another node leads, and this one is to follow it. */
  get isFollower(): boolean {
    return this.#state.leader >= 0 && this.#state.leader !== this.#localId && this.#goneCode === Errors.NONE;
  }
  /** As the metadata says, or an answer of the controller that came before it. */
  get state(): PartitionState {
    return this.#state;
  }
  get hasFollowers(): boolean {
    return this.#leadership.progress.hasFollowers;
  }
  /** How far the followers are, where this node leads. */
  get followers(): Iterable<Follower> {
    return this.#leadership.progress.followers;
  }
  get isDeleted(): boolean {
    return this.#goneCode === Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }
  isReplica(brokerId: number): boolean {
    return this.#state.replicas.includes(brokerId);
  }
  /** How many in-sync replicas acks=all asks for: no more than there are replicas (Partition.effectiveMinIsr). */
  get effectiveMinIsr(): number {
    return this.#leadership.effectiveMinIsr;
  }

  /** The offset at which reading ends, exclusive. */
  endFor(limit: ReadLimit): number {
    if (limit === 'log-end') return this.log.writtenEndOffset;
    return limit === 'high-watermark' ? this.log.highWatermark : this.log.lastStableOffset;
  }

  /** A new leader whose high watermark has not reached its own first offset cannot tell the latest offset (KIP-207). */
  get isCatchingUp(): boolean {
    return this.#leadership.epochStartOffset > this.log.highWatermark;
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
    if (acks === -1 && this.#leadership.isUnderMinIsr) return Errors.NOT_ENOUGH_REPLICAS;
    return Errors.NONE;
  }

  /** Appends one batch; `options.leaderEpoch` must be ours. Expected failures stand in the result. */
  append(records: Buffer, options: AppendOptions): AppendInfo {
    assert(this.isLeader, 'only the leader appends');
    assert(options.leaderEpoch === this.#state.leaderEpoch, 'a batch is appended in the epoch of its leader');
    this.#appendWatcher?.beforeAppend();
    const info = this.log.append(records, options);
    if (info.errorCode !== Errors.NONE) return info;
    assert(info.lastOffset < this.log.logEndOffset, 'what was appended is in the log');
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
    assert(endOffset <= this.log.logEndOffset, 'nobody waits for what was not appended');
    if (this.#isAcked(endOffset, acks)) waiter.acknowledged(slot, this.#ackCode(acks));
    else this.#acks.add(endOffset, acks, waiter, slot);
  }

  /** Whether acks=all waits for more than the local write. */
  get waitsForOthers(): boolean {
    return this.#leadership.isr.maximal.length > 1;
  }

  #isAcked(endOffset: number, acks: number): boolean {
    return acks === -1 ? this.log.highWatermark >= endOffset : this.log.writtenEndOffset >= endOffset;
  }

  #ackCode(acks: number): number {
    if (acks !== -1 || this.#leadership.isr.maximal.length >= this.effectiveMinIsr) return Errors.NONE;
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
    if (errorCode !== Errors.NONE) this.#acks.failUnwritten(errorCode, this.log.writtenEndOffset);
    this.#advance();
    this.#awaitWrite();
  }

  /** Moves the high watermark to what all in-sync replicas have, then tells who waited. */
  #advance(): void {
    const { log } = this;
    if (this.isLeader) this.#leadership.commit();
    else log.updateHighWatermark(this.#leaderHighWatermark);
    this.#acks.written(log.writtenEndOffset, log);
    this.#acks.replicated(log.highWatermark, this.#ackCode(-1), log);
    this.notify();
  }

  /**
   * The error with which a fetch of `brokerId`, in its incarnation `brokerEpoch`, is refused, or 0 (KIP-903). One that is no replica
   * but knows our leader epoch, in `leaderEpoch`, knows more than we do (Kafka: Partition.followerReplicaOrThrow). We do not follow
   * ourselves.
   */
  checkFollower(brokerId: number, brokerEpoch: number, leaderEpoch: number): number {
    if (brokerId === this.#localId || !this.isReplica(brokerId)) {
      return leaderEpoch < 0 ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_LEADER_EPOCH;
    }
    const known = this.#cluster.broker(brokerId)?.epoch ?? -1;
    return brokerEpoch !== -1 && brokerEpoch < known ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.NONE;
  }

  /** A follower has asked for `fetchOffset`, so it has everything before. `brokerEpoch`: -1 when it does not tell. */
  followerFetched(brokerId: number, fetchOffset: number, logStartOffset = -1, brokerEpoch = -1): void {
    const { log } = this;
    if (brokerId === this.#localId || fetchOffset > log.writtenEndOffset) return;
    const { highWatermark } = log;
    const follower = this.#leadership.progress.get(brokerId);
    if (follower === undefined || !this.isLeader) return;
    const { endOffset: endBefore, logStartOffset: startBefore } = follower;
    this.#leadership.followerFetched(brokerId, fetchOffset, logStartOffset, brokerEpoch);
    if (fetchOffset !== endBefore || highWatermark < log.writtenEndOffset) this.#leadership.commit();
    const hasMoved = log.highWatermark !== highWatermark;
    if (hasMoved) this.#acks.replicated(log.highWatermark, this.#ackCode(-1), log);
    if (hasMoved || logStartOffset !== startBefore) this.notify();
  }

  /** It is in sync with us, who lead in the epoch that it knows; -1: it does not tell. */
  isInSyncInEpoch(brokerId: number, leaderEpoch: number): boolean {
    return this.checkAccess(leaderEpoch, true) === Errors.NONE && this.#state.isr.includes(brokerId);
  }

  /** Until now the follower had everything; it has fetched last at `liveMs`. */
  followerRested(brokerId: number, liveMs: number): void {
    this.#leadership.progress.get(brokerId)?.rested(liveMs);
  }

  /** What every replica that is alive has deleted (Partition.lowWatermarkIfLeader); -1 when one has not been heard of. */
  get lowWatermark(): number {
    let lowest = this.log.logStartOffset;
    for (const { id, logStartOffset } of this.followers) {
      const isAlive = this.#cluster.broker(id)?.isFenced === false;
      if (isAlive) lowest = Math.min(lowest, logStartOffset);
    }
    return lowest;
  }

  /** Has members leave the ISR that have not caught up for replica.lag.time.max.ms. */
  shrinkIsr(): void {
    this.#leadership.shrinkIsr();
  }

  isrCommitted(state: PartitionState): void {
    this.#state = state;
    this.#advance();
  }

  /** Takes over what a new image says: role, epoch, replicas. */
  update(image: PartitionImage): void {
    const before = this.#state;
    // An answer of the controller was quicker than the metadata, which will catch up with it.
    if (image.partitionEpoch < before.partitionEpoch) return;
    assert(image.leaderEpoch >= before.leaderEpoch, 'leader epochs go up');
    assert(image.replicas.includes(this.#localId), 'a node holds the partitions that it is a replica of');
    const leadsNow = image.leader === this.#localId;
    assert(!leadsNow || image.isr.includes(this.#localId), 'a leader is in sync with itself');
    this.#state = image;
    this.#leadership.update(image, before);
    if (image.leaderEpoch !== before.leaderEpoch) this.#leaderHighWatermark = 0;
    // What was appended here may not survive; the producer has to ask the new leader.
    if (before.leader === this.#localId && !leadsNow) this.#fail(Errors.NOT_LEADER_OR_FOLLOWER);
    this.#advance();
  }

  /**
   * Appends what the leader of `leaderEpoch` has sent, byte for byte. OFFSET_OUT_OF_RANGE: it does not go on where the log
   * ends. Throws CorruptRecordError.
   */
  appendAsFollower(records: Buffer, leaderEpoch: number, now: number): AppendInfo {
    assert(this.isFollower && leaderEpoch === this.#state.leaderEpoch, 'a follower appends what its leader has sent');
    const info = this.log.appendAsFollower(records, { now, leaderEpoch });
    this.#awaitWrite();
    return info;
  }

  /**
   * Drops everything at `offset` and above, which the leader does not have. The log must be idle. What was committed stays out
   * of it, save after an unclean election. Throws DiskError.
   */
  cutTo(offset: number): void {
    assert(this.isFollower, 'the log of a leader is not cut');
    this.log.cutTo(offset);
    this.#cuts += 1;
    this.notify();
  }

  /** Drops all records; the next one gets `offset`. The log must be idle. Throws DiskError. */
  restartAt(offset: number): void {
    assert(this.isFollower, 'the log of a leader is not cut');
    this.log.restartAt(offset);
    this.#cuts += 1;
    this.notify();
  }

  /** How often the log has been cut: what was compared with it before is not true any more. */
  get cuts(): number {
    return this.#cuts;
  }

  /** What the leader has said of itself: the high watermark follows as far as the log goes, and so does the log start. */
  followBounds(highWatermark: number, logStartOffset: number): void {
    const { log } = this;
    const before = log.highWatermark;
    this.#leaderHighWatermark = Math.max(this.#leaderHighWatermark, highWatermark);
    log.updateHighWatermark(highWatermark);
    if (logStartOffset > log.logStartOffset && logStartOffset <= log.highWatermark) {
      log.deleteRecordsBefore(logStartOffset);
    } else if (log.highWatermark === before) return;
    this.notify();
  }

  /** The waiter's time is over: what is written is answered with `errorCode` now, the rest when it is written. */
  abandon(waiter: AckWaiter, errorCode: number): void {
    this.#acks.fail(errorCode, this.log.writtenEndOffset, waiter);
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
      this.#acks.failUnwritten(Errors.KAFKA_STORAGE_ERROR, log.writtenEndOffset);
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
    assert(this.#goneCode !== Errors.UNKNOWN_TOPIC_OR_PARTITION, 'nothing comes after the deletion');
    this.#goneCode = code;
    this.#fail(code);
    this.notify();
  }

  #fail(errorCode: number): void {
    this.#acks.fail(errorCode, this.log.writtenEndOffset);
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
