// A partition of an internal topic with a replica on every node: a model of what replication promises coordinators, and of
// nothing else. Followers copy from the leader that they were told of, and cut off where they part from it; what every in-sync
// replica has is committed, and must stand in the log of each later leader.
import type { AppendWatcher, CommitWaiter } from '../../../src/coordinator-common/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { assert } from '../../../src/runtime/index.ts';

export interface StoredBatch {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly epoch: number;
}

/** What a node has been told. */
export interface Leadership {
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
}

const NOWHERE: Leadership = { leader: -1, leaderEpoch: -1, isr: [] };

export class Replica {
  readonly nodeId: number;
  batches: StoredBatch[] = [];
  highWatermark = 0;
  told: Leadership = NOWHERE;
  watcher: AppendWatcher | undefined;
  /** What all of these have is committed: those in sync, and those that the controller has added unheard. */
  readonly joining = new Set<number>();
  /** Of the leader: how far each follower has come in this epoch. */
  readonly progress = new Map<number, number>();
  #waiting: { readonly endOffset: number; readonly waiter: CommitWaiter }[] = [];

  constructor(nodeId: number) {
    this.nodeId = nodeId;
  }

  get endOffset(): number {
    return this.batches.at(-1)?.endOffset ?? 0;
  }
  get isLeader(): boolean {
    return this.told.leader === this.nodeId;
  }

  await(endOffset: number, waiter: CommitWaiter): void {
    if (this.highWatermark >= endOffset) waiter.committed(Errors.NONE);
    else this.#waiting.push({ endOffset, waiter });
  }

  tellWaiting(): void {
    const done = this.#waiting.filter(({ endOffset }) => endOffset <= this.highWatermark);
    this.#waiting = this.#waiting.filter(({ endOffset }) => endOffset > this.highWatermark);
    for (const { waiter } of done) waiter.committed(Errors.NONE);
  }

  get maximalIsr(): number[] {
    return [...this.told.isr, ...this.joining];
  }

  /** New metadata; a leader that leads on keeps its log, and who waits for it. */
  hear(next: Leadership): void {
    if (next.leaderEpoch !== this.told.leaderEpoch) {
      this.progress.clear();
      this.joining.clear();
    }
    for (const id of next.isr) this.joining.delete(id);
    this.told = next;
    if (this.isLeader) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { waiter } of waiting) waiter.committed(Errors.NOT_LEADER_OR_FOLLOWER);
  }

  /** The process has ended: its log is there, and all else is gone. */
  crash(): void {
    this.told = NOWHERE;
    this.watcher = undefined;
    this.#waiting = [];
    this.progress.clear();
    this.joining.clear();
  }
}

export class ReplicatedPartition {
  readonly topic: string;
  readonly index: number;
  readonly replicas: readonly Replica[];
  /** As the controller has it. */
  truth: Leadership;
  /** The longest prefix that was ever committed. */
  committed: readonly StoredBatch[] = [];

  constructor(topic: string, index: number, nodes: readonly number[], leader: number) {
    this.topic = topic;
    this.index = index;
    this.replicas = nodes.map((nodeId) => new Replica(nodeId));
    this.truth = { leader, leaderEpoch: 0, isr: nodes };
  }

  replica(nodeId: number): Replica {
    return this.replicas.find((one) => one.nodeId === nodeId) as Replica;
  }

  hear(nodeId: number, next: Leadership): void {
    const replica = this.replica(nodeId);
    replica.hear(next);
    if (replica.isLeader) this.commit(replica);
  }

  /** The controller adds a follower that has come up with the leader, which from now on waits for it. */
  mayJoin(nodeId: number): boolean {
    const leader = this.replicas.find((one) => one.nodeId === this.truth.leader);
    if (leader === undefined || !leader.isLeader || leader.told.leaderEpoch !== this.truth.leaderEpoch) return false;
    const end = leader.progress.get(nodeId) ?? -1;
    if (end < leader.highWatermark || end < leader.endOffset) return false;
    leader.joining.add(nodeId);
    return true;
  }

  /** One fetch: false when there was nothing to be had. */
  fetch(follower: Replica, leader: Replica): boolean {
    const { told } = follower;
    if (follower === leader || told.leader !== leader.nodeId || !leader.isLeader) return false;
    if (told.leaderEpoch !== leader.told.leaderEpoch) return false;
    const common = commonPrefix(follower.batches, leader.batches);
    if (common < follower.batches.length) {
      follower.batches = follower.batches.slice(0, common);
      assert(
        follower.endOffset >= Math.min(follower.highWatermark, leader.highWatermark),
        'nothing committed is cut off',
      );
    }
    const before = leader.progress.get(follower.nodeId);
    leader.progress.set(follower.nodeId, follower.endOffset);
    const hasCopied = follower.batches.length < leader.batches.length;
    if (hasCopied) follower.batches = leader.batches.slice();
    this.commit(leader);
    const hasMoved = follower.highWatermark < Math.min(leader.highWatermark, follower.endOffset);
    if (hasMoved) follower.highWatermark = Math.min(leader.highWatermark, follower.endOffset);
    return hasCopied || hasMoved || before !== leader.progress.get(follower.nodeId);
  }

  commit(leader: Replica): void {
    let end = leader.endOffset;
    for (const id of leader.maximalIsr) {
      if (id !== leader.nodeId) end = Math.min(end, leader.progress.get(id) ?? 0);
    }
    if (end <= leader.highWatermark) return;
    leader.highWatermark = end;
    const prefix = leader.batches.filter(({ endOffset }) => endOffset <= end);
    const shorter = Math.min(prefix.length, this.committed.length);
    assert(commonPrefix(prefix, this.committed) === shorter, 'what is committed stays');
    if (prefix.length > this.committed.length) this.committed = prefix;
    leader.tellWaiting();
  }
}

function commonPrefix(one: readonly StoredBatch[], other: readonly StoredBatch[]): number {
  let count = Math.min(one.length, other.length);
  // Batches of one epoch and offset are the same, and so is all before them.
  while (count > 0 && !isSame(one[count - 1] as StoredBatch, other[count - 1] as StoredBatch)) count--;
  return count;
}

const isSame = (one: StoredBatch, other: StoredBatch): boolean =>
  one.epoch === other.epoch && one.baseOffset === other.baseOffset && one.endOffset === other.endOffset;
