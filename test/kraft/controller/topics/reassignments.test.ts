// Reassignments (KIP-455) step by step: begun, gone on with by AlterPartition, finished, replaced, cancelled.
import { expect } from 'chai';
import { Errors } from '../../../../src/protocol/index.ts';
import { ModelCluster } from '../model-cluster.ts';

describe('a reassignment', () => {
  let cluster: ModelCluster;
  beforeEach(async () => {
    cluster = new ModelCluster();
    for (const id of [1, 2, 3, 4, 5]) await cluster.join(id);
    await cluster.createTopic('t', [[1, 2, 3]]);
  });
  afterEach(() => cluster.close());

  const alter = async (replicas: number[] | null, allowReplicationFactorChange = true) => {
    const { responses } = await cluster.run(
      cluster.active.alterPartitionReassignments({
        timeoutMs: 1,
        allowReplicationFactorChange,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, replicas }] }],
      }),
    );
    return responses[0]?.partitions[0];
  };
  const listed = async () => {
    const { topics } = await cluster.run(cluster.active.listPartitionReassignments({ timeoutMs: 1, topics: null }));
    return topics.flatMap(({ partitions }) => partitions);
  };
  const state = () => {
    const { replicas, addingReplicas, removingReplicas, isr, leader, leaderEpoch } = cluster.partition('t');
    return { replicas, addingReplicas, removingReplicas, isr, leader, leaderEpoch };
  };

  it('has wanted and leaving replicas until those that come are in sync', async () => {
    expect(await alter([4, 5, 1])).to.include({ errorCode: 0 });
    expect(state()).to.deep.equal({
      replicas: [4, 5, 1, 2, 3],
      addingReplicas: [4, 5],
      removingReplicas: [2, 3],
      isr: [1, 2, 3],
      leader: 1,
      leaderEpoch: 0,
    });
    expect(await listed()).to.deep.equal([
      { partitionIndex: 0, replicas: [4, 5, 1, 2, 3], addingReplicas: [4, 5], removingReplicas: [2, 3] },
    ]);
    await cluster.proposeIsr('t', 0, [1, 2, 3, 4]);
    expect(state().addingReplicas).to.deep.equal([4, 5]);
    await cluster.proposeIsr('t', 0, [1, 2, 3, 4, 5]);
    expect(state()).to.deep.equal({
      replicas: [4, 5, 1],
      addingReplicas: [],
      removingReplicas: [],
      isr: [1, 4, 5],
      leader: 1,
      leaderEpoch: 1,
    });
    expect(cluster.partition('t').directories).to.have.length(3);
    expect(await listed()).to.deep.equal([]);
  });

  it('that only takes replicas away is finished at once, when all that stay are in sync', async () => {
    await alter([1, 2]);
    expect(state()).to.deep.include({ replicas: [1, 2], isr: [1, 2], leaderEpoch: 1, removingReplicas: [] });
  });

  it('waits, when replicas only go, for those that stay', async () => {
    await cluster.proposeIsr('t', 0, [1, 3]);
    await alter([1, 2]);
    expect(state()).to.deep.include({ replicas: [1, 2, 3], removingReplicas: [3], isr: [1, 3] });
    await cluster.proposeIsr('t', 0, [1, 3, 2]);
    expect(state()).to.deep.include({ replicas: [1, 2], removingReplicas: [], isr: [1, 2] });
  });

  it('can be replaced by another, and by the state in which it began', async () => {
    await alter([4, 2, 3]);
    await alter([5, 2, 3]);
    expect(state()).to.deep.include({ replicas: [5, 2, 3, 1, 4], addingReplicas: [5], removingReplicas: [1, 4] });
    await alter([1, 2, 3]);
    expect(state()).to.deep.include({ replicas: [1, 2, 3], addingReplicas: [], removingReplicas: [] });
  });

  it('is cancelled with what was there before, and not without a reassignment', async () => {
    expect(await alter(null)).to.include({ errorCode: Errors.NO_REASSIGNMENT_IN_PROGRESS });
    await alter([4, 5]);
    await cluster.proposeIsr('t', 0, [1, 2, 3, 4]);
    expect(await alter(null)).to.include({ errorCode: 0 });
    expect(state()).to.deep.include({ replicas: [1, 2, 3], addingReplicas: [], isr: [1, 2, 3], leader: 1 });
  });

  it('is not cancelled where only those that came are in sync, unless records may be lost', async () => {
    await alter([4, 5]);
    await cluster.proposeIsr('t', 0, [1, 4]);
    await cluster.run(cluster.active.brokerGone(1, cluster.broker(1)?.epoch ?? -1));
    expect(state()).to.deep.include({ isr: [4], leader: 4, addingReplicas: [4, 5] });
    expect(await alter(null)).to.deep.include({
      errorCode: Errors.INVALID_REPLICA_ASSIGNMENT,
      errorMessage:
        'Unable to revert partition assignment for t:0 because it would require an unclean leader election.',
    });
    await cluster.configure('t', 'unclean.leader.election.enable', 'true');
    expect(await alter(null)).to.include({ errorCode: 0 });
    expect(state()).to.deep.include({ replicas: [1, 2, 3], addingReplicas: [], isr: [2], leader: 2 });
    expect(cluster.partition('t').leaderRecoveryState).to.equal(1);
  });

  it('is refused for brokers that are not there, doubled, none, or another number where that is forbidden', async () => {
    expect(await alter([1, 9])).to.include({ errorCode: Errors.INVALID_REPLICA_ASSIGNMENT });
    expect(await alter([1, 1])).to.include({ errorCode: Errors.INVALID_REPLICA_ASSIGNMENT });
    expect(await alter([])).to.include({ errorCode: Errors.INVALID_REPLICA_ASSIGNMENT });
    expect(await alter([1, 2], false)).to.include({ errorCode: Errors.INVALID_REPLICATION_FACTOR });
    expect(await alter([1, 2, 4], false)).to.include({ errorCode: 0 });
  });
});
