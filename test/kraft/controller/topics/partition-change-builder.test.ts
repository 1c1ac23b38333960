import { expect } from 'chai';
import {
  type PartitionChange,
  partitionChange,
} from '../../../../src/kraft/controller/topics/partition-change-builder.ts';
import { NO_LEADER_CHANGE, type PartitionImage } from '../../../../src/kraft/metadata/index.ts';

const partition: PartitionImage = {
  partition: 0,
  replicas: [1, 2, 3],
  directories: ['A', 'B', 'C'].map((letter) => letter.repeat(22)),
  isr: [1, 2, 3],
  addingReplicas: [],
  removingReplicas: [],
  elr: [],
  lastKnownElr: [],
  leader: 1,
  leaderRecoveryState: 0,
  leaderEpoch: 4,
  partitionEpoch: 9,
};

const change = (metadataVersion: number, facts: Partial<PartitionChange> = {}) =>
  partitionChange({
    topicId: 'D'.repeat(22),
    partition,
    targetIsr: [1, 3],
    isAcceptableLeader: () => true,
    uncleanShutdownReplicas: [],
    minIsr: 1,
    features: { metadataVersion, levels: new Map() },
    election: 'online',
    directoryOf: () => 'E'.repeat(22),
    ...facts,
  });

describe('the change of a partition', () => {
  it('names the leader when the ISR shrinks, so that its epoch rises, below 3.6-IV0 only (KAFKA-15021)', () => {
    expect(change(11)).to.include({ version: 0, leader: 1 });
    expect(change(12)).to.include({ version: 0, leader: NO_LEADER_CHANGE });
    expect(change(17)).to.include({ version: 1, leader: NO_LEADER_CHANGE });
    expect(change(30)).to.include({ version: 2, leader: NO_LEADER_CHANGE });
  });

  it('leaves the leader alone on any level when the ISR only grows, or stays', () => {
    const small = { ...partition, isr: [1] };
    expect(change(7, { partition: small, targetIsr: [1, 2] })).to.deep.include({
      isr: [1, 2],
      leader: NO_LEADER_CHANGE,
    });
    expect(change(7, { targetIsr: [1, 2, 3] })).to.equal(undefined);
  });

  it('says where replicas are to lie only where the level knows directories', () => {
    const reassignment = { replicas: [1, 2, 4], adding: [], removing: [] };
    const facts = { targetIsr: [1, 2], reassignment };
    expect(change(16, facts)?.directories).to.equal(null);
    expect(change(17, facts)?.directories).to.deep.equal(['A', 'B', 'E'].map((letter) => letter.repeat(22)));
  });
});
