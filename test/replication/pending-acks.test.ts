import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { Partition } from '../../src/replication/partition.ts';
import { type AckWaiter, PendingAcks } from '../../src/replication/pending-acks.ts';
import { ALONE } from '../../src/replication/leading/cluster-view.ts';
import { ReplicaProgress } from '../../src/replication/leading/replica-progress.ts';
import { AssertionFailure } from '../../src/runtime/index.ts';
import { HeldLogs } from './held-logs.ts';
import { partitionImage } from './partition-image.ts';

/** Notes what it is told, as `slot:code`. */
class Acks implements AckWaiter {
  readonly told: string[] = [];
  acknowledged(slot: number, errorCode: number): void {
    this.told.push(`${slot}:${errorCode}`);
  }
}

const REPLICAS = { replicas: [1, 2], isr: [1, 2] };
const PRODUCER = { producerId: 5, producerEpoch: 0, baseSequence: 0 };

describe('acknowledgements', () => {
  let acks: Acks;
  let pending: PendingAcks;

  beforeEach(() => {
    acks = new Acks();
    pending = new PendingAcks();
  });

  const at = (writtenEndOffset: number, highWatermark: number) => ({ writtenEndOffset, highWatermark });

  it('come in the order of offsets, in whatever order they were asked for', () => {
    pending.add(7, -1, acks, 0);
    pending.add(3, -1, acks, 1);
    pending.add(5, -1, acks, 2);
    pending.replicated(5, 0, at(7, 5));
    expect(acks.told).to.deep.equal(['1:0', '2:0']);
    pending.replicated(7, 0, at(7, 7));
    expect(acks.told).to.deep.equal(['1:0', '2:0', '0:0']);
    expect(pending.size).to.equal(0);
  });

  it('are not given for a slot that waits already', () => {
    pending.add(7, 1, acks, 0);
    expect(() => pending.add(7, 1, acks, 0)).to.throw(AssertionFailure, 'a slot waits once');
  });

  it('are stopped when they would come before the write, or before the replicas', () => {
    pending.add(2, 1, acks, 0);
    expect(() => pending.written(2, at(1, 1))).to.throw(AssertionFailure, 'acks=1 is answered when');
    pending.add(2, -1, acks, 1);
    expect(() => pending.replicated(2, 0, at(2, 1))).to.throw(AssertionFailure, 'acks=all is answered when');
    expect(acks.told).to.deep.equal([]);
  });

  it('say why an append failed once the disk is done with it, and only then', () => {
    pending.add(1, -1, acks, 0);
    pending.add(2, -1, acks, 1);
    pending.fail(Errors.REQUEST_TIMED_OUT, 1, acks);
    expect(acks.told).to.deep.equal(['0:7']);
    pending.failUnwritten(Errors.KAFKA_STORAGE_ERROR, 1);
    expect(acks.told).to.deep.equal(['0:7', '1:7']);
  });
});

describe('acknowledgements of a batch that was sent again', () => {
  it('do not fail with a later batch that the disk refuses', async () => {
    const logs = await HeldLogs.open(1);
    const partition = logs.partition(0);
    const acks = new Acks();
    partition.update(partitionImage(REPLICAS));
    const append = (slot: number, sequence: number): void => {
      const info = logs.appendBatch(0, { ...PRODUCER, baseSequence: sequence });
      partition.awaitAck(info.lastOffset + 1, -1, acks, slot);
    };
    append(0, 0);
    await logs.finishWrites();
    append(1, 1);
    append(2, 0);
    logs.refuseNext('write', 0);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal(['1:56']);
    partition.followerFetched(2, 1);
    expect(acks.told).to.deep.equal(['1:56', '0:0', '2:0']);
  });
});

/** Tells that one batch more is safe than is. */
class HastyAcks extends PendingAcks {
  override written(...[upTo, log]: Parameters<PendingAcks['written']>): void {
    super.written(upTo + 1, log);
  }
  override replicated(...[upTo, errorCode, log]: Parameters<PendingAcks['replicated']>): void {
    super.replicated(upTo + 1, errorCode, log);
  }
}

/** Takes every follower to be where the leader is. */
class HopefulProgress extends ReplicaProgress {
  override replicatedEnd(_isr: readonly number[], writtenEnd: number): number {
    return writtenEnd;
  }
}

/** Takes all to be one record ahead of the leader. */
class HastyProgress extends ReplicaProgress {
  override replicatedEnd(...[isr, writtenEnd, highWatermark]: Parameters<ReplicaProgress['replicatedEnd']>): number {
    return super.replicatedEnd(isr, writtenEnd, highWatermark) + 1;
  }
}

describe('a wrong move of a partition is stopped by an assertion', () => {
  let logs: HeldLogs;
  let acks: Acks;

  beforeEach(async () => {
    logs = await HeldLogs.open(1);
    acks = new Acks();
  });

  const lead = (acks: PendingAcks, progress = new ReplicaProgress(1, ALONE)): Partition => {
    const partition = new Partition(logs.log(0), 1, { acks, progress });
    partition.update(partitionImage(REPLICAS));
    logs.partitions[0] = partition;
    return partition;
  };
  const append = (partition: Partition, slot: number, wanted: number): void =>
    partition.awaitAck(logs.appendBatch(0).lastOffset + 1, wanted, acks, slot);

  it('when it acknowledges before the batch is written', () => {
    const partition = lead(new HastyAcks());
    append(partition, 0, 1);
    expect(() => partition.update(partitionImage(REPLICAS))).to.throw(AssertionFailure, 'acks=1 is answered when');
    expect(acks.told).to.deep.equal([]);
  });

  it('when it acknowledges before a follower has the batch', () => {
    const partition = lead(new HastyAcks());
    append(partition, 0, -1);
    expect(() => partition.update(partitionImage(REPLICAS))).to.throw(AssertionFailure, 'acks=all is answered when');
    expect(acks.told).to.deep.equal([]);
  });

  it('when it commits what a follower in sync does not have', async () => {
    const partition = lead(new PendingAcks());
    append(partition, 0, -1);
    await logs.finishWrites();
    const hopeful = new Partition(logs.log(0), 1, { progress: new HopefulProgress(1, ALONE) });
    expect(() => hopeful.update(partitionImage(REPLICAS))).to.throw(AssertionFailure, 'is on every in-sync replica');
    expect(logs.log(0).highWatermark).to.equal(0);
  });

  it('when it commits what it has not written', () => {
    expect(() => lead(new PendingAcks(), new HastyProgress(1, ALONE))).to.throw(AssertionFailure, 'is written here');
  });

  it('when a follower is ahead of its leader', () => {
    const progress = new ReplicaProgress(1, ALONE);
    const at = (offset: number) => ({ offset, logStartOffset: 0, brokerEpoch: -1 });
    progress.fetched(2, at(5), 5);
    expect(() => progress.fetched(2, at(6), 5)).to.throw(AssertionFailure, 'a follower is not ahead');
    expect(() => progress.fetched(1, at(5), 5)).to.throw(AssertionFailure, 'the leader does not follow itself');
  });

  it('when its epoch goes back, or its leader is not in sync', () => {
    const partition = lead(new PendingAcks());
    partition.update(partitionImage({ ...REPLICAS, leaderEpoch: 2 }));
    expect(() => partition.update(partitionImage({ ...REPLICAS, leaderEpoch: 1 }))).to.throw('leader epochs go up');
    expect(() => partition.update(partitionImage({ ...REPLICAS, leaderEpoch: 3, isr: [2] }))).to.throw(
      'in sync with itself',
    );
  });

  it('when a batch is appended by whom does not lead, or in another epoch', () => {
    const partition = lead(new PendingAcks());
    partition.update(partitionImage({ ...REPLICAS, leader: 2, leaderEpoch: 1 }));
    expect(() => logs.appendBatch(0)).to.throw(AssertionFailure, 'only the leader appends');
  });
});
