// The partitions of a follower's session, of which a fetch visits only those that something has happened to. A partition whose
// follower has everything, knows so and is in sync comes to rest; it is visited again when it moves, when it is named, and every
// few seconds with all others. What a fetch would have noted of it meanwhile, that its follower is there, is noted when it moves.
import { Errors } from '../../protocol/index.ts';
import type { Partition } from '../partition.ts';
import type { Watcher } from '../purgatory.ts';
import type { FetchTarget, TargetAnswer } from './fetch-session.ts';

/** So often all are visited: what moves without a word, as the log start does by retention, is told no later. */
const VISIT_ALL_MS = 5_000;

/** Who fetches, in its incarnation `epoch`; -1 when it does not tell. */
export interface FollowerIdentity {
  readonly id: number;
  readonly epoch: number;
}

/** A fetch that waits, and takes in what was at rest when it began. */
export interface WaitingFetch {
  join(target: FetchTarget, partition: Partition): void;
}

/** An answer, as far as it tells whether its partition can rest. */
type RestingAnswer = TargetAnswer & { readonly partition?: Partition | undefined };

export class FollowedTargets {
  readonly #all: ReadonlyMap<string, FetchTarget>;
  readonly #resting = new Map<FetchTarget, RestingTarget>();
  /** In the order in which they are read; those that gave records go to the end. */
  #visited = new Set<FetchTarget>();
  /** Roused since the request of now came. */
  #late: RestingTarget[] = [];
  #follower: FollowerIdentity | undefined;
  #fetchedMs = 0;
  #allVisitedMs = Number.NEGATIVE_INFINITY;
  #waiting: WaitingFetch | undefined;
  #isReleased = false;

  /** `all`: the partitions of the session, as they are at any time. */
  constructor(all: ReadonlyMap<string, FetchTarget>) {
    this.#all = all;
  }

  get restingCount(): number {
    return this.#resting.size;
  }

  /** A request has come: which partitions it visits. `liveMs`: as in ClusterView. */
  begin(follower: FollowerIdentity, liveMs: number): FetchTarget[] {
    const isSame = follower.id === this.#follower?.id && follower.epoch === this.#follower.epoch;
    if (!isSame || liveMs - this.#allVisitedMs >= VISIT_ALL_MS) {
      this.#rouseAll();
      this.#allVisitedMs = liveMs;
    }
    this.#follower = follower;
    this.#fetchedMs = liveMs;
    this.#late = [];
    return Array.from(this.#visited);
  }

  #rouseAll(): void {
    for (const resting of this.#resting.values()) resting.end();
    this.#resting.clear();
    this.#visited = new Set(this.#all.values());
  }

  /** The request names it. */
  named(target: FetchTarget): void {
    this.#endRest(target);
    this.#visited.add(target);
  }

  /** It has left the session. */
  forgotten(target: FetchTarget): void {
    this.#endRest(target);
    this.#visited.delete(target);
  }

  #endRest(target: FetchTarget): void {
    this.#resting.get(target)?.end();
    this.#resting.delete(target);
  }

  /** What is about to be sent; it, and no other, has been looked at in this moment. */
  answered(answer: RestingAnswer): void {
    const { target, partition, sizeBytes } = answer;
    if (this.#isReleased || !this.#visited.has(target)) return;
    if (sizeBytes > 0) {
      this.#visited.delete(target);
      this.#visited.add(target);
    } else if (partition !== undefined && this.#mayRest(answer, partition)) {
      this.#visited.delete(target);
      this.#resting.set(target, new RestingTarget(target, partition, this));
    }
  }

  #mayRest(
    { target, errorCode, isDiverging, highWatermark, logStartOffset }: TargetAnswer,
    partition: Partition,
  ): boolean {
    if (errorCode !== Errors.NONE || isDiverging || this.#follower === undefined) return false;
    const { log } = partition;
    const hasAll = target.fetchOffset === log.writtenEndOffset;
    const knowsAll = highWatermark === log.highWatermark && logStartOffset === log.logStartOffset;
    return hasAll && knowsAll && partition.isInSyncInEpoch(this.#follower.id, target.currentLeaderEpoch);
  }

  /** Something has happened to the partition of `resting`. */
  moved(resting: RestingTarget): void {
    const { target, partition } = resting;
    this.#endRest(target);
    this.#visited.add(target);
    if (this.#follower !== undefined) partition.followerRested(this.#follower.id, this.#fetchedMs);
    if (this.#waiting === undefined) this.#late.push(resting);
    else this.#waiting.join(target, partition);
  }

  /** The fetch of the last request waits from now on. */
  awaitedBy(fetch: WaitingFetch): void {
    this.#waiting = fetch;
    const late = this.#late;
    this.#late = [];
    for (const { target, partition } of late) if (this.#waiting === fetch) fetch.join(target, partition);
  }

  /** It waits no more. */
  left(fetch: WaitingFetch): void {
    if (this.#waiting === fetch) this.#waiting = undefined;
  }

  /** The session is no more. */
  release(): void {
    this.#isReleased = true;
    this.#rouseAll();
    this.#waiting = undefined;
  }
}

/** A partition at rest. */
class RestingTarget implements Watcher {
  readonly target: FetchTarget;
  readonly partition: Partition;
  readonly #owner: FollowedTargets;

  constructor(target: FetchTarget, partition: Partition, owner: FollowedTargets) {
    this.target = target;
    this.partition = partition;
    this.#owner = owner;
    partition.watch(this);
  }

  end(): void {
    this.partition.unwatch(this);
  }

  moved(): void {
    this.#owner.moved(this);
  }
}
