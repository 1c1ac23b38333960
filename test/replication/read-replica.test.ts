import { expect } from 'chai';
import { ALONE, type ClusterView } from '../../src/replication/leading/cluster-view.ts';
import { Partition } from '../../src/replication/partition.ts';
import { readReplicaFor } from '../../src/replication/read-replica.ts';
import { selectorFault, selectorOf } from '../../src/replication/replica-selectors.ts';
import { HeldLogs } from './held-logs.ts';
import { partitionImage } from './partition-image.ts';

const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
const LEADER = 'org.apache.kafka.common.replica.LeaderSelector';

describe('the replica that a consumer had better read from', () => {
  let logs: HeldLogs;
  let partition: Partition;
  let fenced: number;
  const cluster: ClusterView = {
    ...ALONE,
    broker: (id) => ({
      epoch: 1,
      rack: id === 1 ? 'a' : 'b',
      isFenced: id === fenced,
      isInControlledShutdown: false,
    }),
  };

  beforeEach(async () => {
    logs = await HeldLogs.open(1);
    fenced = 0;
    partition = new Partition(logs.log(0), 1, { cluster });
    logs.partitions[0] = partition;
    partition.update(partitionImage({ replicas: [1, 2, 3], isr: [1, 2, 3] }));
    for (let i = 0; i < 4; i++) logs.appendBatch(0);
    await logs.finishWrites();
    partition.followerFetched(2, 3, 0);
    partition.followerFetched(3, 2, 1);
  });

  const replicaFor = (offset: number, rack: string, className = RACK_AWARE): number => {
    const select = selectorOf(className);
    if (select === undefined) throw new Error(`no selector ${className}`);
    return readReplicaFor(partition, offset, rack, { select, cluster, localId: 1 });
  };

  it('is the furthest in sync in its rack that has the offset', () => {
    expect(replicaFor(2, 'b')).to.equal(2);
    expect(replicaFor(4, 'b')).to.equal(-1);
    partition.followerFetched(3, 4, 1);
    expect(replicaFor(2, 'b')).to.equal(3);
    expect(replicaFor(0, 'b')).to.equal(2);
    fenced = 3;
    expect(replicaFor(2, 'b')).to.equal(2);
    partition.update(partitionImage({ replicas: [1, 2, 3], isr: [1], partitionEpoch: 1 }));
    expect(replicaFor(2, 'b')).to.equal(-1);
  });

  it('is the leader where that is as near, where nobody is nearer, and with the selector of the leader', () => {
    expect(replicaFor(2, 'a')).to.equal(-1);
    expect(replicaFor(2, 'c')).to.equal(-1);
    expect(replicaFor(2, 'b', LEADER)).to.equal(-1);
    expect(selectorOf(null)).to.equal(undefined);
  });

  it('is picked by no class that is not known', () => {
    expect(selectorFault(RACK_AWARE)).to.equal(undefined);
    expect(selectorFault('com.example.Mine')).to.match(/com\.example\.Mine cannot be loaded/);
  });
});
