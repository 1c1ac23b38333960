// Elections and changes of the in-sync replicas, counted from what the metadata says one step after the other.
import { expect } from 'chai';
import { type MetadataRecord, MetadataDelta, MetadataImage } from '../../src/kraft/metadata/index.ts';
import { PartitionChanges } from '../../src/metrics/partition-changes.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAZQ';

const topic: readonly MetadataRecord[] = [
  { type: 'TopicRecord', version: 0, name: 'orders', topicId: TOPIC_ID },
  {
    type: 'PartitionRecord',
    version: 2,
    partitionId: 0,
    topicId: TOPIC_ID,
    replicas: [1, 2, 3],
    isr: [1, 2],
    removingReplicas: [],
    addingReplicas: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: [],
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  },
];

function change(to: { readonly isr?: readonly number[]; readonly leader?: number }): MetadataRecord {
  return {
    type: 'PartitionChangeRecord',
    version: 2,
    partitionId: 0,
    topicId: TOPIC_ID,
    isr: null,
    leader: -2,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: -1,
    directories: null,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
    ...to,
  } as MetadataRecord;
}

function counted(nodeId: number, steps: readonly MetadataRecord[]): number[] {
  const changes = new PartitionChanges(nodeId);
  let image = MetadataImage.empty;
  let offset = 0;
  for (const records of [topic, ...steps.map((step) => [step])]) {
    const delta = new MetadataDelta(image);
    for (const record of records) delta.replay(record);
    image = delta.apply({ offset: offset++, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
    changes.publish(delta, image);
  }
  return [changes.elections, changes.uncleanElections, changes.isrShrinks, changes.isrExpands];
}

describe('changes of partitions', () => {
  it('count nothing for what was there at the start', () => {
    expect(counted(1, [])).to.deep.equal([0, 0, 0, 0]);
  });

  it('count members that leave and come back, where the partition is led', () => {
    const steps = [change({ isr: [1] }), change({ isr: [1, 2] }), change({ isr: [1, 2, 3] })];
    expect(counted(1, steps)).to.deep.equal([0, 0, 1, 2]);
    expect(counted(2, steps)).to.deep.equal([0, 0, 0, 0]);
  });

  it('tell elections of members that were in sync from others', () => {
    expect(counted(2, [change({ isr: [2], leader: 2 })])).to.deep.equal([1, 0, 1, 0]);
    expect(counted(1, [change({ isr: [3], leader: 3 })])).to.deep.equal([1, 1, 0, 0]);
    expect(counted(1, [change({ leader: -1 })])).to.deep.equal([0, 0, 0, 0]);
  });
});
