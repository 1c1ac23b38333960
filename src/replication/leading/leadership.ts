// What the leader of a partition does that a follower does not: it knows how far its followers are, moves the high watermark
// by that, and proposes who belongs to the in-sync replicas (Kafka: the leader's half of Partition).
import type { PartitionImage } from '../../kraft/metadata/index.ts';
import type { PartitionLog } from '../../log/index.ts';
import { assert } from '../../runtime/index.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Follower } from './follower.ts';
import { InSyncReplicas } from './in-sync-replicas.ts';
import type { CommittedIsr, IsrChange, IsrChangeOwner } from './isr-changes.ts';
import { ReplicaProgress } from './replica-progress.ts';

/** What the metadata says of the partition, or an answer of the controller that came before it. */
export type PartitionState = Pick<PartitionImage, 'leader' | 'leaderEpoch' | 'partitionEpoch' | 'replicas' | 'isr'>;

/** The partition itself. */
export interface LedPartition {
  readonly topicId: string | undefined;
  readonly index: number;
  readonly log: PartitionLog;
  readonly isLeader: boolean;
  readonly state: PartitionState;
  /** The controller has committed another ISR. */
  isrCommitted(state: PartitionState): void;
}

export class Leadership implements IsrChangeOwner {
  readonly #localId: number;
  readonly #cluster: ClusterView;
  readonly #partition: LedPartition;
  readonly #progress: ReplicaProgress;
  readonly #isr = new InSyncReplicas();
  /** The end of the log when this replica became the leader. */
  #epochStartOffset = 0;

  constructor(localId: number, cluster: ClusterView, partition: LedPartition, progress: ReplicaProgress | undefined) {
    this.#localId = localId;
    this.#cluster = cluster;
    this.#partition = partition;
    this.#progress = progress ?? new ReplicaProgress(localId, cluster);
  }

  get progress(): ReplicaProgress {
    return this.#progress;
  }
  get isr(): InSyncReplicas {
    return this.#isr;
  }
  get epochStartOffset(): number {
    return this.#epochStartOffset;
  }

  /** How many in-sync replicas acks=all asks for: no more than there are replicas (Partition.effectiveMinIsr). */
  get effectiveMinIsr(): number {
    const { log, state } = this.#partition;
    return Math.min(log.config.minInsyncReplicas, state.replicas.length);
  }
  get isUnderMinIsr(): boolean {
    return this.#isr.committed.length < this.effectiveMinIsr;
  }

  /** The metadata says `state` in place of `before`. */
  update(state: PartitionState, before: PartitionState): void {
    this.#isr.commit(state.isr);
    const { log, isLeader } = this.#partition;
    if (!isLeader) return this.#progress.clear();
    const isNewEpoch = state.leaderEpoch !== before.leaderEpoch;
    if (isNewEpoch) {
      this.#epochStartOffset = log.logEndOffset;
      log.becomeLeader(state.leaderEpoch);
    }
    if (before.leader !== this.#localId) this.#progress.elected(state.replicas, state.isr);
    else if (isNewEpoch) this.#progress.reelected(state.replicas, state.isr, log.logEndOffset);
    else this.#progress.reassigned(state.replicas, state.isr);
  }

  /** Moves the high watermark. Not while the ISR is too small: an eligible replica may be elected then (KIP-966). */
  commit(): void {
    if (this.isUnderMinIsr) return;
    const { log } = this.#partition;
    const { committed, maximal } = this.#isr;
    const end = this.#progress.replicatedEnd(maximal, log.writtenEndOffset, log.highWatermark);
    assert(end <= log.writtenEndOffset, 'what is committed is written here');
    if (end <= log.highWatermark) return;
    assert(this.#progress.allHave(committed, end), 'what is committed is on every in-sync replica');
    log.updateHighWatermark(end);
  }

  /** `brokerId` has everything below `offset`. */
  followerFetched(brokerId: number, offset: number, logStartOffset: number, brokerEpoch: number): void {
    const { log } = this.#partition;
    const follower = this.#progress.fetched(brokerId, { offset, logStartOffset, brokerEpoch }, log.writtenEndOffset);
    if (follower !== undefined && !this.#isr.maximal.includes(brokerId)) this.#expandIsr(follower);
  }

  #expandIsr(follower: Follower): void {
    const { highWatermark } = this.#partition.log;
    if (follower.endOffset < highWatermark || follower.endOffset < this.#epochStartOffset) return;
    if (this.#progress.isEligible(follower)) this.#propose([...this.#isr.committed, follower.id]);
  }

  /** Has members leave the ISR that have not caught up for replica.lag.time.max.ms. */
  shrinkIsr(): void {
    if (!this.#partition.isLeader || !this.#progress.hasFollowers) return;
    const { committed } = this.#isr;
    const lagging = this.#progress.lagging(committed, this.#partition.log.writtenEndOffset);
    if (lagging.length > 0) this.#propose(committed.filter((id) => !lagging.includes(id)));
  }

  #propose(isr: readonly number[]): void {
    const { isrChanges, ownEpoch } = this.#cluster;
    const { topicId, index, state } = this.#partition;
    if (isrChanges === undefined || topicId === undefined || this.#isr.isChanging) return;
    const epochOf = (id: number): number =>
      id === this.#localId ? ownEpoch : (this.#progress.get(id)?.brokerEpoch ?? -1);
    const change: IsrChange = {
      owner: this,
      topicId,
      index,
      leaderEpoch: state.leaderEpoch,
      partitionEpoch: state.partitionEpoch,
      isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: epochOf(brokerId) })),
    };
    this.#isr.propose(change);
    isrChanges.submit(change);
  }

  awaits(change: IsrChange): boolean {
    return this.#isr.awaits(change) && this.#partition.isLeader;
  }

  isrChanged(change: IsrChange, { isr, leaderEpoch, partitionEpoch }: CommittedIsr): void {
    const { state } = this.#partition;
    assert(this.awaits(change), 'an answer is awaited');
    if (leaderEpoch !== state.leaderEpoch || partitionEpoch < state.partitionEpoch) return;
    this.#isr.commit(isr);
    this.#partition.isrCommitted({ ...state, isr, partitionEpoch });
  }

  isrRefused(): void {
    this.#isr.commit(this.#isr.committed);
    this.#partition.isrCommitted(this.#partition.state);
  }
}
