// The deliberate bugs of E.1: each plants a broken collaborator in the place of a whole one, by its name, and must be found. Only here:
// no key and no option of the broker reaches them.
import { ShardLog } from '../../../src/coordinator-common/shard-log.ts';
import { OffsetStore } from '../../../src/group-coordinator/offsets/offset-store.ts';
import { BrokerLife } from '../../../src/kraft/controller/broker-life.ts';
import { ElectionStateFile } from '../../../src/kraft/raft/election-state.ts';
import { LeaderState } from '../../../src/kraft/raft/leader-state.ts';
import { TransactionIndex } from '../../../src/log/segments/transaction-index.ts';
import { InSyncReplicas } from '../../../src/replication/leading/in-sync-replicas.ts';
import { Leadership } from '../../../src/replication/leading/leadership.ts';
import { ReplicaProgress } from '../../../src/replication/leading/replica-progress.ts';
import { Partition } from '../../../src/replication/partition.ts';
import { SharePartitionState } from '../../../src/share-partitions/in-flight/share-partition-state.ts';
import * as aims from './aims.ts';
import type { ClusterPlan, Topology } from './plan.ts';

export interface Mutation {
  readonly name: string;
  readonly topologies: readonly Topology[];
  /** The world that brings it out. */
  readonly aim: aims.Aim;
  /** Clients that every drawn world has, so that no seed is run in vain. */
  readonly clients?: Partial<ClusterPlan>;
  /** What comes back takes it out again. */
  plant(): () => void;
}

/** Puts `broken` in the place of a method; `broken` is given the whole one. `other`: takes out what is planted beside it. */
function replace<T extends object, K extends keyof T & string>(
  prototype: T,
  method: K,
  broken: (whole: T[K]) => T[K],
  other?: () => void,
): () => void {
  const whole = prototype[method];
  prototype[method] = broken(whole);
  return () => {
    prototype[method] = whole;
    other?.();
  };
}

/** Puts `broken` in the place of a getter. */
function replaceGetter<T extends object, K extends keyof T & string>(
  prototype: T,
  name: K,
  broken: (this: T) => T[K],
): () => void {
  const whole = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  Object.defineProperty(prototype, name, { ...whole, get: broken });
  return () => {
    Object.defineProperty(prototype, name, whole);
  };
}

const SEVERAL: readonly Topology[] = ['combined'];
const ONE_PROCESS = 'AAAAAAAAAAAAAAAAAAAACg';

export const mutations: readonly Mutation[] = [
  {
    name: 'a record is acknowledged before it is written',
    topologies: ['single'],
    aim: aims.dyingAlone,
    plant: () =>
      replace(
        Partition.prototype,
        'awaitAck',
        () =>
          function (_endOffset, _acks, waiter, slot) {
            waiter.acknowledged(slot, 0);
          },
      ),
  },
  {
    name: 'readers are not told of aborted transactions',
    topologies: ['single'],
    aim: aims.transacting,
    plant: () => replace(TransactionIndex.prototype, 'collect', () => () => false),
  },
  {
    name: 'an abort commits the offsets of its transaction',
    topologies: ['single'],
    aim: aims.transacting,
    plant: () =>
      replace(
        OffsetStore.prototype,
        'endTransaction',
        (whole) =>
          function (this: OffsetStore, producerId) {
            return whole.call(this, producerId, true);
          },
      ),
  },
  {
    name: 'the quorum commits records of an earlier epoch by counting',
    topologies: SEVERAL,
    aim: aims.dyingQuorum,
    plant: () =>
      replace(
        LeaderState.prototype,
        'fetched',
        (whole) =>
          function (this: LeaderState, replica, fetchOffset, now) {
            Object.assign(this, { epochStartOffset: -1 });
            return whole.call(this, replica, fetchOffset, now);
          },
      ),
  },
  {
    name: 'a vote is not persisted',
    topologies: SEVERAL,
    aim: aims.splitVotes,
    plant: () =>
      replace(
        ElectionStateFile.prototype,
        'write',
        (whole) =>
          function (this: ElectionStateFile, state, kraftVersion, voterIds) {
            return whole.call(this, state.leaderId < 0 ? { ...state, votedId: -1 } : state, kraftVersion, voterIds);
          },
      ),
  },
  {
    name: 'the high watermark waits for nobody who is about to join the ISR',
    topologies: SEVERAL,
    aim: aims.comingBack,
    plant: () =>
      replace(
        ReplicaProgress.prototype,
        'replicatedEnd',
        () =>
          function (this: ReplicaProgress, isr, writtenEnd, highWatermark) {
            const followers = [...this.followers].filter(({ id }) => isr.includes(id));
            const ends = followers.map(({ endOffset }) => (endOffset < 0 ? highWatermark : endOffset));
            return Math.min(writtenEnd, ...ends);
          },
        replaceGetter(InSyncReplicas.prototype, 'maximal', function () {
          return this.committed;
        }),
      ),
  },
  {
    name: 'the high watermark is what one follower has',
    topologies: SEVERAL,
    aim: aims.cutOff,
    plant: () => replace(ReplicaProgress.prototype, 'replicatedEnd', () => (_isr, writtenEnd) => writtenEnd),
  },
  {
    name: 'acks=all is answered when the leader has written',
    topologies: SEVERAL,
    aim: aims.cutOff,
    plant: () =>
      replace(
        Partition.prototype,
        'awaitAck',
        (whole) =>
          function (this: Partition, endOffset, _acks, waiter, slot) {
            return whole.call(this, endOffset, 1, waiter, slot);
          },
      ),
  },
  {
    name: 'a follower is cut to its high watermark',
    topologies: SEVERAL,
    aim: aims.dyingInTurn,
    plant: () =>
      replace(
        Partition.prototype,
        'update',
        (whole) =>
          function (this: Partition, image) {
            const before = this.leaderEpoch;
            whole.call(this, image);
            const isNew = this.isFollower && this.leaderEpoch !== before;
            if (isNew && this.log.isIdle) this.cutTo(this.log.highWatermark);
          },
      ),
  },
  {
    name: 'min.insync.replicas is not looked at',
    topologies: SEVERAL,
    aim: aims.lastInSync,
    plant: () => replaceGetter(Leadership.prototype, 'effectiveMinIsr', () => 1),
  },
  {
    name: 'consumers read up to the end of the log',
    topologies: SEVERAL,
    aim: aims.cutOff,
    plant: () =>
      replace(
        Partition.prototype,
        'endFor',
        () =>
          function (this: Partition) {
            return this.log.writtenEndOffset;
          },
      ),
  },
  {
    name: 'a fetch of a follower that was started anew counts for the one before',
    topologies: SEVERAL,
    aim: aims.lateFetches,
    plant: () =>
      replace(
        ReplicaProgress.prototype,
        'fetched',
        (whole) =>
          function (this: ReplicaProgress, brokerId, position, leaderEnd) {
            return whole.call(this, brokerId, { ...position, brokerEpoch: -1 }, leaderEnd);
          },
        replace(Partition.prototype, 'checkFollower', () => () => 0),
      ),
  },
  {
    name: 'a new leader of the quorum commits what it has before a record of its own epoch is',
    topologies: SEVERAL,
    aim: aims.dyingQuorum,
    plant: () =>
      replace(
        LeaderState.prototype,
        'flushed',
        (whole) =>
          function (this: LeaderState, endOffset) {
            return whole.call(this, endOffset) ?? endOffset;
          },
      ),
  },
  {
    name: 'a broker that was started anew keeps its epoch',
    topologies: SEVERAL,
    aim: aims.dyingInTurn,
    plant: () =>
      replace(
        BrokerLife.prototype,
        'register',
        (whole) =>
          function (this: BrokerLife, request, context) {
            return whole.call(this, { ...request, incarnationId: ONE_PROCESS }, context);
          },
      ),
  },
  {
    name: 'a coordinator goes on as if a write had not failed',
    topologies: SEVERAL,
    aim: aims.failingWrites,
    clients: { members: 3, transactions: 2 },
    plant: () =>
      replace(
        ShardLog.prototype,
        'batchCommitted',
        (whole) =>
          function (this: ShardLog<unknown>, batch) {
            return whole.call(this, batch, 0);
          },
      ),
  },
  {
    name: 'what members of a share group acknowledge is not written down',
    topologies: SEVERAL,
    aim: aims.dyingSharers,
    clients: { sharers: 3 },
    plant: () =>
      replace(
        SharePartitionState.prototype,
        'written',
        (whole) =>
          function (this: SharePartitionState, partition, leaderEpoch) {
            return whole.call(this, partition, leaderEpoch, []);
          },
      ),
  },
  {
    name: 'a share group that is loaded begins behind what was given before',
    topologies: SEVERAL,
    aim: aims.dyingSharers,
    clients: { sharers: 3 },
    plant: () =>
      replace(
        SharePartitionState.prototype,
        'load',
        (whole) =>
          function (this: SharePartitionState, read, startOffset) {
            const last = read.stateBatches.at(-1);
            const isKnown = last !== undefined;
            return whole.call(this, { ...read, stateBatches: [] }, isKnown ? last.lastOffset + 1 : startOffset);
          },
      ),
  },
];
