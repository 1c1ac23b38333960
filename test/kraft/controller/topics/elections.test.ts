// Who leads when brokers come and go, and what the controller does about it of its own accord.
import { expect } from 'chai';
import { Errors } from '../../../../src/protocol/index.ts';
import type { MetadataRecord } from '../../../../src/kraft/metadata/index.ts';
import { ModelCluster } from '../model-cluster.ts';

const UNCLEAN = 'unclean.leader.election.enable';

/** A record as one line of what it says. */
function said(record: MetadataRecord): string {
  const { type, ...fields } = record;
  const told = Object.entries(fields).filter(
    ([name, value]) =>
      value !== null && !['version', 'topicId', 'partitionId', 'brokerEpoch'].includes(name) && !isSilent(name, value),
  );
  return `${type} ${told.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')}`;
}
const isSilent = (name: string, value: unknown): boolean =>
  (name === 'leader' && value === -2) ||
  (name === 'leaderRecoveryState' && value === -1) ||
  ((name === 'fenced' || name === 'inControlledShutdown') && value === 0) ||
  (name === 'logDirs' && (value as string[]).length === 0);

describe('leaders', () => {
  let cluster: ModelCluster;
  const since = (offset: number) => cluster.recordsFrom(offset).map(said);
  const gone = (id: number) => cluster.run(cluster.active.brokerGone(id, cluster.broker(id)?.epoch ?? -1));
  const back = async (id: number): Promise<void> => {
    const previousBrokerEpoch = cluster.broker(id)?.epoch ?? -1;
    await cluster.join(id, { previousBrokerEpoch });
  };
  const begin = async (options: ConstructorParameters<typeof ModelCluster>[0] = {}): Promise<void> => {
    cluster = new ModelCluster(options);
    for (const id of [1, 2, 3]) await cluster.join(id);
  };
  afterEach(() => cluster.close());

  it('move before a broker is fenced, and after it is unfenced', async () => {
    await begin();
    await cluster.createTopic('t', [[1, 2]]);
    await cluster.createTopic('alone', [[1]]);
    let at = cluster.log.logEndOffset;
    await gone(1);
    expect(since(at)).to.deep.equal([
      'PartitionChangeRecord isr=[2] leader=2',
      'PartitionChangeRecord isr=[] leader=-1 eligibleLeaderReplicas=[1] lastKnownElr=[1]',
      'BrokerRegistrationChangeRecord brokerId=1 fenced=1',
    ]);
    at = cluster.log.logEndOffset;
    await cluster.run(cluster.heartbeat(1));
    expect(since(at)).to.deep.equal([
      'BrokerRegistrationChangeRecord brokerId=1 fenced=-1',
      'PartitionChangeRecord isr=[1] leader=1 eligibleLeaderReplicas=[] lastKnownElr=[]',
    ]);
  });

  it('stay in the ISR as its last member where there are no eligible replicas (without KIP-966)', async () => {
    await begin({ levels: { 'metadata.version': 30 } });
    await cluster.createTopic('t', [[1]]);
    await gone(1);
    expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [1], elr: [] });
    await back(1);
    expect(cluster.partition('t')).to.deep.include({ leader: 1, isr: [1], leaderEpoch: 2 });
  });

  it('are not elected from a broker that lost its tail (KIP-966)', async () => {
    await begin();
    await cluster.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
    await gone(2);
    expect(cluster.partition('t')).to.deep.include({ isr: [1], elr: [2] });
    const at = cluster.log.logEndOffset;
    await cluster.register(2, { previousBrokerEpoch: -1 });
    expect(since(at)[0]).to.equal('PartitionChangeRecord eligibleLeaderReplicas=[]');
    await cluster.run(cluster.heartbeat(2));
    await gone(1);
    expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [], elr: [1], lastKnownElr: [1] });
  });

  it('come from the eligible replicas when nobody is in sync, and a clean stop keeps them eligible', async () => {
    await begin();
    await cluster.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
    await gone(2);
    await gone(1);
    expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [], elr: [1, 2] });
    await back(2);
    expect(cluster.partition('t')).to.deep.include({ leader: 2, isr: [2], elr: [1], leaderRecoveryState: 0 });
  });

  it('go back to the first replica when asked, or after the interval, a thousand at a time', async () => {
    const leaderBalanceIntervalMs = 300_000;
    await begin({ intervals: { leaderBalanceIntervalMs, brokerSessionTimeoutMs: 900_000 } });
    await cluster.createTopic('few', [
      [1, 2],
      [2, 1],
    ]);
    await cluster.createTopic(
      'many',
      Array.from({ length: 1500 }, () => [1, 2]),
    );
    await gone(1);
    await back(1);
    for (let index = 0; index < 1500; index++) await cluster.proposeIsr('many', index, [2, 1]);
    await cluster.proposeIsr('few', 0, [2, 1]);
    const elect = (partitions: number[] | null, electionType = 0) =>
      cluster.run(
        cluster.active.electLeaders({
          electionType,
          topicPartitions: partitions === null ? null : [{ topic: 'few', partitions }],
          timeoutMs: 1,
        }),
      );
    const answer = await elect([0, 1, 7]);
    expect(answer.replicaElectionResults[0]?.partitionResult.map(({ errorCode }) => errorCode)).to.deep.equal([
      Errors.NONE,
      Errors.ELECTION_NOT_NEEDED,
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect(cluster.partition('few')).to.include({ leader: 1, leaderEpoch: 2 });
    const before = cluster.log.logEndOffset;
    await cluster.pass(leaderBalanceIntervalMs);
    const batches = cluster.log.batches
      .filter(({ baseOffset }) => baseOffset >= before)
      .map(({ records }) => records.length);
    expect(batches).to.deep.equal([1000, 500]);
    expect(cluster.image.topics.byName.get('many')?.partitions.every(({ leader }) => leader === 1)).to.equal(true);
    expect((await elect(null)).replicaElectionResults.flatMap(({ partitionResult }) => partitionResult)).to.deep.equal(
      [],
    );
  });

  it('are elected from anybody where a topic allows it, at once or after the interval', async () => {
    await begin({ intervals: { brokerSessionTimeoutMs: 900_000, uncleanElectionIntervalMs: 60_000 } });
    await cluster.createTopic('allowed', [[1, 2]], { [UNCLEAN]: 'true' });
    await cluster.createTopic('later', [[1, 2]]);
    await cluster.proposeIsr('allowed', 0, [1]);
    await cluster.proposeIsr('later', 0, [1]);
    const at = cluster.log.logEndOffset;
    await gone(1);
    expect(since(at).slice(0, 2)).to.deep.equal([
      'PartitionChangeRecord isr=[2] leader=2 leaderRecoveryState=1',
      'PartitionChangeRecord isr=[] leader=-1 eligibleLeaderReplicas=[1] lastKnownElr=[1]',
    ]);
    await cluster.configure('later', UNCLEAN, 'true');
    await cluster.pass(30_000);
    expect(cluster.partition('later').leader).to.equal(-1);
    await cluster.pass(30_000);
    expect(cluster.partition('later')).to.deep.include({ leader: 2, isr: [2], elr: [], leaderRecoveryState: 1 });
  });

  it('are elected by a new active controller where another stopped midway', async () => {
    await begin();
    await cluster.createTopic('t', [[1]]);
    await gone(1);
    // What the other wrote: the broker is unfenced, and no election followed.
    const { epoch = -1 } = cluster.broker(1) ?? {};
    const unfenced: MetadataRecord = {
      type: 'BrokerRegistrationChangeRecord',
      version: 0,
      brokerId: 1,
      brokerEpoch: epoch,
      fenced: -1,
      inControlledShutdown: 0,
      logDirs: [],
      cordonedLogDirs: null,
    };
    cluster.log.append([unfenced], cluster.log.epoch);
    cluster.log.commit();
    cluster.elect(102);
    await cluster.clock.settle();
    expect(cluster.partition('t')).to.deep.include({ leader: 1, isr: [1] });
  });

  it('keep what the log says in several nodes: records that say nothing, while nothing else is written', async () => {
    await begin({ intervals: { maxIdleIntervalMs: 500, brokerSessionTimeoutMs: 900_000 } });
    const at = cluster.log.logEndOffset;
    await cluster.pass(2000);
    expect(since(at).length).to.be.within(3, 4);
    expect(new Set(since(at))).to.deep.equal(new Set(['NoOpRecord ']));
  });
});

describe('eligible replicas', () => {
  const features = (cluster: ModelCluster, level: number) =>
    cluster.run(
      cluster.active.updateFeatures(
        {
          timeoutMs: 1,
          featureUpdates: [
            {
              feature: 'eligible.leader.replicas.version',
              maxVersionLevel: level,
              upgradeType: level === 0 ? 2 : 1,
              allowDowngrade: false,
            },
          ],
          validateOnly: false,
        },
        { apiVersion: 2, sharesFate: false },
      ),
    );

  it('go with their feature: the last leader among them stays in the ISR, and leads when it is back', async () => {
    const cluster = new ModelCluster();
    for (const id of [1, 2, 3]) await cluster.join(id);
    await cluster.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
    await cluster.createTopic('led', [[3, 2]], { 'min.insync.replicas': '2' });
    for (const id of [1, 2]) await cluster.run(cluster.active.brokerGone(id, cluster.broker(id)?.epoch ?? -1));
    expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [], elr: [1, 2], lastKnownElr: [2] });
    expect((await features(cluster, 0)).errorCode).to.equal(0);
    expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [2], elr: [], lastKnownElr: [] });
    expect(cluster.partition('led')).to.deep.include({ leader: 3, isr: [3], elr: [], leaderEpoch: 0 });
    await cluster.run(cluster.heartbeat(1));
    expect(cluster.partition('t').leader).to.equal(-1);
    await cluster.run(cluster.heartbeat(2));
    expect(cluster.partition('t')).to.deep.include({ leader: 2, isr: [2] });
    cluster.close();
  });
});
