// AlterPartition: who may propose which ISR, in the order in which Kafka checks it, and what becomes of it.
import { expect } from 'chai';
import { Errors, errorName } from '../../../../src/protocol/index.ts';
import { rejected } from '../../world.ts';
import { ModelCluster, uuidOf } from '../model-cluster.ts';

describe('AlterPartition', () => {
  let cluster: ModelCluster;

  beforeEach(async () => {
    cluster = new ModelCluster();
    for (const id of [1, 2, 3, 4]) await cluster.join(id);
    await cluster.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' });
    await cluster.proposeIsr('t', 0, [1, 2]);
  });
  afterEach(() => cluster.close());

  it('takes the ISR as it is proposed, raises the partition epoch and leaves the leader epoch alone', async () => {
    const before = cluster.log.logEndOffset;
    const answer = await cluster.proposeIsr('t', 0, [1, 2, 3]);
    expect(answer).to.deep.equal({
      partitionIndex: 0,
      errorCode: 0,
      leaderId: 1,
      leaderEpoch: 0,
      isr: [1, 2, 3],
      leaderRecoveryState: 0,
      partitionEpoch: 2,
    });
    expect(cluster.partition('t')).to.deep.include({ isr: [1, 2, 3], partitionEpoch: 2, leaderEpoch: 0, leader: 1 });
    expect(cluster.recordsFrom(before)).to.have.length(1);
  });

  it('answers what is so already without a record', async () => {
    const before = cluster.log.logEndOffset;
    expect(await cluster.proposeIsr('t', 0, [1, 2])).to.include({ errorCode: 0, partitionEpoch: 1 });
    expect(cluster.log.logEndOffset).to.equal(before);
  });

  /** Each is wrong in all that comes after it too: the first fault is the answer. */
  const faults: [string, Parameters<ModelCluster['proposeIsr']>[3], readonly number[], number][] = [
    ['a later leader epoch', { leaderEpoch: 9, partitionEpoch: 0, sender: 2 }, [], Errors.NOT_CONTROLLER],
    ['a later partition epoch', { leaderEpoch: -1, partitionEpoch: 9, sender: 2 }, [], Errors.NOT_CONTROLLER],
    ['an older leader epoch', { leaderEpoch: -1, partitionEpoch: 0, sender: 2 }, [], Errors.FENCED_LEADER_EPOCH],
    ['another than the leader', { partitionEpoch: 0, sender: 2 }, [], Errors.INVALID_REQUEST],
    ['an older partition epoch', { partitionEpoch: 0 }, [], Errors.INVALID_UPDATE_VERSION],
    ['an empty ISR', {}, [], Errors.INVALID_REQUEST],
    ['a member twice', { memberEpochs: { 2: 999 } }, [1, 2, 2], Errors.INVALID_REQUEST],
    ['one that is no replica', { memberEpochs: { 2: 999 } }, [1, 2, 4], Errors.INVALID_REQUEST],
    ['an ISR without the leader', { memberEpochs: { 2: 999 } }, [2], Errors.INVALID_REQUEST],
    ['recovering with others', { leaderRecoveryState: 1, memberEpochs: { 2: 999 } }, [1, 2], Errors.INVALID_REQUEST],
    ['recovering after it was recovered', { leaderRecoveryState: 1 }, [1], Errors.INVALID_REQUEST],
    ['a recovery state that does not exist', { leaderRecoveryState: 5 }, [1], Errors.INVALID_REQUEST],
    ['another incarnation of a member', { memberEpochs: { 2: 999 } }, [1, 2], Errors.INELIGIBLE_REPLICA],
  ];
  for (const [what, change, isr, code] of faults) {
    it(`refuses ${what} with ${errorName(code)}`, async () => {
      const before = cluster.log.logEndOffset;
      const answer = await cluster.proposeIsr('t', 0, isr, change);
      expect(errorName(answer?.errorCode ?? -1)).to.equal(errorName(code));
      expect(cluster.log.logEndOffset).to.equal(before);
    });
  }

  it('asks for no epochs of members before version 3, nor where the leader does not know them', async () => {
    expect(await cluster.proposeIsr('t', 0, [1], { apiVersion: 2 })).to.include({ errorCode: 0 });
    expect(await cluster.proposeIsr('t', 0, [1, 2], { memberEpochs: { 2: -1 } })).to.include({ errorCode: 0 });
  });

  it('takes nobody in who is fenced, about to stop, or not registered (KIP-841)', async () => {
    const ineligible = { errorCode: Errors.INELIGIBLE_REPLICA };
    await cluster.run(cluster.heartbeat(3, { wantFence: true }));
    expect(await cluster.proposeIsr('t', 0, [1, 2, 3])).to.include(ineligible);
    await cluster.run(cluster.heartbeat(3));
    expect(await cluster.proposeIsr('t', 0, [1, 2, 3])).to.include({ errorCode: 0 });

    await cluster.createTopic('led', [[2]]);
    await cluster.run(cluster.heartbeat(2, { wantShutDown: true }));
    expect(cluster.broker(2)).to.include({ isFenced: false, isInControlledShutdown: true });
    expect(cluster.partition('t').isr).to.deep.equal([1, 3]);
    expect(await cluster.proposeIsr('t', 0, [1, 2, 3])).to.include(ineligible);

    await cluster.run(cluster.active.unregisterBroker({ brokerId: 2 }));
    expect(await cluster.proposeIsr('t', 0, [1, 2, 3], { memberEpochs: { 2: -1 } })).to.include(ineligible);
  });

  it('does not know topics, partitions and brokers that are not there', async () => {
    const ask = (topicId: string, partitionIndex: number, brokerEpoch = cluster.broker(1)?.epoch ?? -1) =>
      cluster.run(
        cluster.active.alterPartitions(
          {
            brokerId: 1,
            brokerEpoch,
            topics: [
              {
                topicId,
                partitions: [
                  {
                    partitionIndex,
                    leaderEpoch: 0,
                    partitionEpoch: 1,
                    leaderRecoveryState: 0,
                    newIsr: [1],
                    newIsrWithEpochs: [],
                  },
                ],
              },
            ],
          },
          { apiVersion: 2, sharesFate: false },
        ),
      );
    const topicId = cluster.image.topics.byName.get('t')?.id ?? '';
    const codeOf = async (answer: ReturnType<typeof ask>) => (await answer).topics[0]?.partitions[0]?.errorCode;
    expect(await codeOf(ask(uuidOf(1), 0))).to.equal(Errors.UNKNOWN_TOPIC_ID);
    expect(await codeOf(ask(topicId, 1))).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await rejected(ask(topicId, 0, 3))).code).to.equal(Errors.STALE_BROKER_EPOCH);
  });

  it('ends the recovery after an unclean election', async () => {
    await cluster.configure('t', 'unclean.leader.election.enable', 'true');
    await cluster.createTopic('u', [[4, 1]], { 'unclean.leader.election.enable': 'true' });
    await cluster.proposeIsr('u', 0, [4]);
    await cluster.run(cluster.active.brokerGone(4, cluster.broker(4)?.epoch ?? -1));
    expect(cluster.partition('u')).to.deep.include({ leader: 1, isr: [1], leaderRecoveryState: 1 });
    expect(await cluster.proposeIsr('u', 0, [1], { leaderRecoveryState: 1 })).to.include({ errorCode: 0 });
    await cluster.run(cluster.heartbeat(4));
    expect(await cluster.proposeIsr('u', 0, [1, 4])).to.include({ errorCode: 0, leaderRecoveryState: 0 });
    expect(cluster.partition('u')).to.deep.include({ leaderRecoveryState: 0, isr: [1, 4] });
  });

  it('says NEW_LEADER_ELECTED when the proposal ends a reassignment that takes the leader away', async () => {
    await cluster.run(
      cluster.active.alterPartitionReassignments({
        timeoutMs: 1000,
        allowReplicationFactorChange: true,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, replicas: [2, 3, 4] }] }],
      }),
    );
    expect(cluster.partition('t')).to.deep.include({
      replicas: [2, 3, 4, 1],
      addingReplicas: [4],
      removingReplicas: [1],
      leader: 1,
    });
    expect(await cluster.proposeIsr('t', 0, [1, 2, 3])).to.include({ errorCode: 0 });
    const answer = await cluster.proposeIsr('t', 0, [1, 2, 3, 4]);
    expect(answer).to.include({ errorCode: Errors.NEW_LEADER_ELECTED });
    expect(cluster.partition('t')).to.deep.include({
      replicas: [2, 3, 4],
      isr: [2, 3, 4],
      addingReplicas: [],
      removingReplicas: [],
      leader: 2,
      leaderEpoch: 1,
    });
  });
});
