// How far the followers of a partition have come, as the leader learns it from their fetches, and what follows from it for the
// high watermark (Kafka: Partition.maybeIncrementLeaderHW).
import { assert } from '../../runtime/index.ts';
import { type ClusterView, isIsrEligible } from './cluster-view.ts';
import { Follower, UNKNOWN_OFFSET } from './follower.ts';

const NOBODY: ReadonlyMap<number, Follower> = new Map();

export class ReplicaProgress {
  readonly #localId: number;
  readonly #cluster: ClusterView;
  #followers = NOBODY;

  constructor(localId: number, cluster: ClusterView) {
    this.#localId = localId;
    this.#cluster = cluster;
  }

  get followers(): Iterable<Follower> {
    return this.#followers.values();
  }
  get hasFollowers(): boolean {
    return this.#followers.size > 0;
  }
  get(brokerId: number): Follower | undefined {
    return this.#followers.get(brokerId);
  }

  /** This node leads `replicas`, where it did not before: followers have to be heard of. */
  elected(replicas: readonly number[], isr: readonly number[]): void {
    this.#followers = NOBODY;
    this.#keep(replicas, isr);
  }

  /** It leads on, in another epoch that begins at `leaderEnd`. */
  reelected(replicas: readonly number[], isr: readonly number[], leaderEnd: number): void {
    this.#keep(replicas, isr);
    if (this.#followers.size === 0) return;
    const nowMs = this.#cluster.liveMs();
    for (const follower of this.#followers.values()) follower.reelected(isr.includes(follower.id), leaderEnd, nowMs);
  }

  /** It leads on in the same epoch; replicas may have come and gone. */
  reassigned(replicas: readonly number[], isr: readonly number[]): void {
    this.#keep(replicas, isr);
  }

  /** Another leads: nothing is known of followers. */
  clear(): void {
    this.#followers = NOBODY;
  }

  #keep(replicas: readonly number[], isr: readonly number[]): void {
    if (replicas.length <= 1 && this.#followers.size === 0) return;
    const kept = new Map<number, Follower>();
    for (const id of replicas) {
      if (id === this.#localId) continue;
      kept.set(id, this.#followers.get(id) ?? new Follower(id, isr.includes(id), this.#cluster.liveMs()));
    }
    this.#followers = kept;
  }

  /** `brokerId` has everything below `offset`; `leaderEnd`: how far the leader itself has come. */
  fetched(
    brokerId: number,
    position: { readonly offset: number; readonly logStartOffset: number; readonly brokerEpoch: number },
    leaderEnd: number,
  ): Follower | undefined {
    const { offset, logStartOffset, brokerEpoch } = position;
    assert(brokerId !== this.#localId, 'the leader does not follow itself');
    assert(offset >= 0, 'offsets are not negative');
    assert(offset <= leaderEnd, 'a follower is not ahead of what its leader has written');
    const follower = this.#followers.get(brokerId);
    follower?.fetched(offset, logStartOffset, brokerEpoch, leaderEnd, this.#cluster.liveMs());
    return follower;
  }

  /**
   * What all of `isr` have, and those who are about to join it: at most `writtenEnd`, and no more than `highWatermark` when one
   * has not been heard of. `isr` includes who is proposed for it.
   */
  replicatedEnd(isr: readonly number[], writtenEnd: number, highWatermark: number): number {
    let end = writtenEnd;
    for (const follower of this.#followers.values()) {
      const { endOffset } = follower;
      if (endOffset >= end || !(isr.includes(follower.id) || this.#mayJoin(follower, writtenEnd))) continue;
      end = endOffset === UNKNOWN_OFFSET ? Math.min(end, highWatermark) : endOffset;
    }
    return end;
  }

  /** It would be taken into the ISR in a moment: the high watermark must not run away from it. */
  #mayJoin(follower: Follower, leaderEnd: number): boolean {
    return follower.isCaughtUp(leaderEnd, this.#cluster.liveMs(), this.#cluster.maxLagMs) && this.isEligible(follower);
  }

  isEligible({ id, isHeardOf, brokerEpoch }: Follower): boolean {
    return isHeardOf && isIsrEligible(this.#cluster, id, brokerEpoch);
  }

  /** Members of `isr` that have not caught up for replica.lag.time.max.ms. */
  lagging(isr: readonly number[], leaderEnd: number): number[] {
    const nowMs = this.#cluster.liveMs();
    const { maxLagMs } = this.#cluster;
    return isr.filter((id) => {
      if (id === this.#localId) return false;
      return this.#followers.get(id)?.isCaughtUp(leaderEnd, nowMs, maxLagMs) !== true;
    });
  }

  /** Whether every follower in `isr` is known to have everything below `offset`. */
  allHave(isr: readonly number[], offset: number): boolean {
    if (isr.length <= 1) return true;
    for (const id of isr) {
      if (id !== this.#localId && (this.#followers.get(id)?.endOffset ?? -1) < offset) return false;
    }
    return true;
  }
}
