import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import type { Partition } from '../../src/replication/partition.ts';
import type { AckWaiter } from '../../src/replication/pending-acks.ts';
import { endOffsetForEpoch } from '../../src/replication/partition-queries.ts';
import { HeldLogs } from './held-logs.ts';
import { partitionImage } from './partition-image.ts';

/** Notes what it is told, as `slot:code`. */
class Acks implements AckWaiter {
  readonly told: string[] = [];
  acknowledged(slot: number, errorCode: number): void {
    this.told.push(`${slot}:${errorCode}`);
  }
}

describe('a partition', () => {
  let logs: HeldLogs;
  let partition: Partition;
  let acks: Acks;

  beforeEach(async () => {
    logs = await HeldLogs.open(1);
    partition = logs.partition(0);
    acks = new Acks();
  });

  const append = (slot: number, wanted: number, waiter: AckWaiter = acks): void => {
    const info = logs.appendBatch(0);
    partition.awaitAck(info.lastOffset + 1, wanted, waiter, slot);
  };

  it('acknowledges when its batch has been written', async () => {
    partition.update(partitionImage());
    append(0, 1);
    append(1, -1);
    expect(acks.told).to.deep.equal([]);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal(['0:0', '1:0']);
    expect(logs.log(0).highWatermark).to.equal(2);
  });

  it('goes on when appends come while a write is under way', async () => {
    partition.update(partitionImage());
    append(0, 1);
    await logs.finishWrites();
    append(1, 1);
    append(2, -1);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal(['0:0', '1:0', '2:0']);
  });

  it('fails what the disk refused and goes on', async () => {
    partition.update(partitionImage());
    append(0, 1);
    append(1, -1);
    logs.refuseNext('write', 0);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal(['0:56', '1:56']);
    append(2, -1);
    await logs.finishWrites();
    expect(acks.told.at(-1)).to.equal('2:0');
    expect(logs.log(0).highWatermark).to.equal(1);
  });

  it('refuses appends when it does not lead', () => {
    expect(partition.checkAppend(1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    partition.update(partitionImage({ leader: 2, replicas: [1, 2], isr: [2] }));
    expect(partition.checkAppend(1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
  });

  it('counts min.insync.replicas as the number of replicas where that is smaller', () => {
    logs.setMinInsyncReplicas(0, 2);
    partition.update(partitionImage());
    expect(partition.checkAppend(-1)).to.equal(0);
    partition.update(partitionImage({ replicas: [1, 2], isr: [1], leaderEpoch: 1 }));
    expect(partition.checkAppend(-1)).to.equal(Errors.NOT_ENOUGH_REPLICAS);
    expect(partition.checkAppend(1)).to.equal(0);
  });

  it('moves the high watermark to what all in-sync replicas have', async () => {
    partition.update(partitionImage({ replicas: [1, 2, 3], isr: [1, 2, 3] }));
    append(0, -1);
    append(1, 1);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal(['1:0']);
    partition.followerFetched(2, 2);
    expect(logs.log(0).highWatermark).to.equal(0);
    partition.followerFetched(3, 1);
    expect(logs.log(0).highWatermark).to.equal(1);
    expect(acks.told).to.deep.equal(['1:0', '0:0']);
  });

  it('commits nothing while the in-sync replicas are too few', async () => {
    logs.setMinInsyncReplicas(0, 2);
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    append(0, -1);
    await logs.finishWrites();
    partition.update(partitionImage({ replicas: [1, 2], isr: [1], partitionEpoch: 1 }));
    expect(acks.told).to.deep.equal([]);
    expect(logs.log(0).highWatermark).to.equal(0);
    partition.followerFetched(2, 1);
    expect(acks.told).to.deep.equal([]);
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2], partitionEpoch: 2 }));
    expect(acks.told).to.deep.equal(['0:0']);
  });

  it('says NOT_ENOUGH_REPLICAS_AFTER_APPEND of what is committed, when the replicas have become too few since', async () => {
    logs.setMinInsyncReplicas(0, 2);
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    append(0, -1);
    await logs.finishWrites();
    partition.followerFetched(2, 1);
    partition.update(partitionImage({ replicas: [1, 2], isr: [1], partitionEpoch: 1 }));
    partition.awaitAck(1, -1, acks, 1);
    expect(acks.told).to.deep.equal(['0:0', `1:${Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND}`]);
  });

  it('tells who waits that leadership has gone', async () => {
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    append(0, -1);
    await logs.finishWrites();
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2], leader: 2, leaderEpoch: 1 }));
    expect(acks.told).to.deep.equal([`0:${Errors.NOT_LEADER_OR_FOLLOWER}`]);
  });

  it('tells nobody before the disk has let go of the bytes', async () => {
    partition.update(partitionImage());
    append(0, -1);
    partition.delete();
    expect(acks.told).to.deep.equal([]);
    await logs.finishWrites();
    expect(acks.told).to.deep.equal([`0:${Errors.UNKNOWN_TOPIC_OR_PARTITION}`]);
  });

  it('lets one waiter give up and keeps the others', async () => {
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    const hurried = new Acks();
    append(0, -1, hurried);
    append(1, -1);
    await logs.finishWrites();
    append(2, -1, hurried);
    partition.abandon(hurried, Errors.REQUEST_TIMED_OUT);
    expect(hurried.told).to.deep.equal(['0:7']);
    await logs.finishWrites();
    expect(hurried.told).to.deep.equal(['0:7', '2:7']);
    partition.followerFetched(2, 3);
    expect(acks.told).to.deep.equal(['1:0']);
  });

  it('checks the epoch that a client believes in', () => {
    partition.update(partitionImage({ leaderEpoch: 4 }));
    expect(partition.checkLeaderEpoch(-1)).to.equal(0);
    expect(partition.checkLeaderEpoch(4)).to.equal(0);
    expect(partition.checkLeaderEpoch(3)).to.equal(Errors.FENCED_LEADER_EPOCH);
    expect(partition.checkLeaderEpoch(99)).to.equal(Errors.UNKNOWN_LEADER_EPOCH);
    partition.delete();
    expect(partition.checkAccess(4, true)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('knows where its epochs end', () => {
    partition.update(partitionImage());
    append(0, 1);
    partition.update(partitionImage({ leaderEpoch: 2 }));
    append(1, 1);
    expect(endOffsetForEpoch(partition, -1, 0)).to.deep.equal({ errorCode: 0, leaderEpoch: 0, endOffset: 1 });
    expect(endOffsetForEpoch(partition, -1, 1)).to.deep.equal({ errorCode: 0, leaderEpoch: 0, endOffset: 1 });
    expect(endOffsetForEpoch(partition, -1, 2)).to.deep.equal({ errorCode: 0, leaderEpoch: 2, endOffset: 2 });
    expect(endOffsetForEpoch(partition, -1, 3)).to.deep.equal({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
    expect(endOffsetForEpoch(partition, 1, 0)).to.deep.equal({ errorCode: 74, leaderEpoch: -1, endOffset: -1 });
  });
});
