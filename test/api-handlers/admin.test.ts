// The rest of what admin tools ask of a cluster of one: elections, reassignments, features, registrations, resources.
import { expect } from 'chai';
import { electLeaders } from '../../src/api-handlers/43-elect-leaders.ts';
import { alterPartitionReassignments } from '../../src/api-handlers/45-alter-partition-reassignments.ts';
import { listPartitionReassignments } from '../../src/api-handlers/46-list-partition-reassignments.ts';
import { updateFeatures } from '../../src/api-handlers/57-update-features.ts';
import { unregisterBroker } from '../../src/api-handlers/64-unregister-broker.ts';
import { listConfigResources } from '../../src/api-handlers/74-list-config-resources.ts';
import { Errors } from '../../src/protocol/index.ts';
import { ControllerBench } from './controller-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

function bench(): ControllerBench {
  const made = new ControllerBench();
  made.createTopic('meta', 2);
  return made;
}

describe('ElectLeaders', () => {
  it('answers as Apache Kafka does', async () => {
    for (const line of recorded(/^cluster\.elect\./)) await expectRecorded(electLeaders(bench()), line);
  });

  it('tells of all partitions only those that needed an election', async () => {
    const answer = await answerOf(electLeaders(bench()), 2, { electionType: 0, topicPartitions: null, timeoutMs: 1 });
    expect(answer['replicaElectionResults']).to.deep.equal([{ topic: 'meta', partitionResult: [] }]);
  });

  it('gives the lead back to the preferred replica', async () => {
    const cluster = bench();
    cluster.addBroker(2);
    const id = cluster.createTopic('moved', 1, [1, 2], 2);
    const topicPartitions = [{ topic: 'moved', partitions: [0] }];
    const answer = await answerOf(electLeaders(cluster), 2, { electionType: 0, topicPartitions, timeoutMs: 1 });
    expect(answer['replicaElectionResults']).to.deep.equal([
      { topic: 'moved', partitionResult: [{ partitionId: 0, errorCode: 0, errorMessage: null }] },
    ]);
    expect(cluster.image.topics.byId.get(id)?.partitions[0]).to.deep.include({ leader: 1, leaderEpoch: 1 });
  });

  it('says when the preferred replica is not there, and refuses unknown kinds', async () => {
    const cluster = bench();
    cluster.addBroker(2, { isFenced: true });
    cluster.createTopic('away', 1, [2, 1], 1);
    const ask = (electionType: number) =>
      answerOf(electLeaders(cluster), 2, {
        electionType,
        topicPartitions: [{ topic: 'away', partitions: [0] }],
        timeoutMs: 1,
      });
    const results = (await ask(0))['replicaElectionResults'] as { partitionResult: { errorCode: number }[] }[];
    expect(results[0]?.partitionResult[0]?.errorCode).to.equal(Errors.PREFERRED_LEADER_NOT_AVAILABLE);
    expect((await ask(7))['errorCode']).to.equal(Errors.INVALID_REQUEST);
  });
});

describe('Partition reassignments', () => {
  const alter = (cluster: ControllerBench, name: string, replicas: number[] | null) =>
    answerOf(alterPartitionReassignments(cluster), 1, {
      timeoutMs: 1,
      allowReplicationFactorChange: true,
      topics: [{ name, partitions: [{ partitionIndex: 0, replicas }] }],
    });
  const list = async (cluster: ControllerBench) =>
    (await answerOf(listPartitionReassignments(cluster), 0, { timeoutMs: 1, topics: null }))['topics'];

  it('answer as Apache Kafka does', async () => {
    const cluster = bench();
    for (const line of recorded(/^cluster\.reassign\.bad/)) {
      await expectRecorded(alterPartitionReassignments(cluster), line);
    }
    for (const line of recorded(/^cluster\.reassign\.list/)) {
      await expectRecorded(listPartitionReassignments(cluster), line);
    }
  });

  it('write nothing when everything is in its place', async () => {
    const cluster = bench();
    const before = cluster.image;
    await alter(cluster, 'meta', [1]);
    expect(cluster.image).to.equal(before);
  });

  it('are listed while they go on, and can be taken back', async () => {
    const cluster = bench();
    cluster.addBroker(2);
    const before = cluster.image.topics.byName.get('meta')?.partitions[0];
    await alter(cluster, 'meta', [2]);
    expect(await list(cluster)).to.deep.equal([
      {
        name: 'meta',
        partitions: [{ partitionIndex: 0, replicas: [2, 1], addingReplicas: [2], removingReplicas: [1] }],
      },
    ]);
    await alter(cluster, 'meta', null);
    expect(await list(cluster)).to.deep.equal([]);
    expect(cluster.image.topics.byName.get('meta')?.partitions[0]?.replicas).to.deep.equal(before?.replicas);
  });

  it('end at once when replicas only go', async () => {
    const cluster = bench();
    cluster.addBroker(2);
    cluster.createTopic('wide', 1, [1, 2]);
    await alter(cluster, 'wide', [1]);
    expect(await list(cluster)).to.deep.equal([]);
    expect(cluster.image.topics.byName.get('wide')?.partitions[0]).to.deep.include({
      replicas: [1],
      isr: [1],
      leader: 1,
      leaderEpoch: 1,
    });
  });
});

describe('UpdateFeatures', () => {
  const finalised = () => {
    const cluster = bench();
    cluster.addBroker(1, { features: true });
    for (const [name, featureLevel] of [
      ['transaction.version', 2],
      ['group.version', 1],
    ] as const) {
      cluster.replay([{ type: 'FeatureLevelRecord', version: 0, name, featureLevel }]);
    }
    return cluster;
  };
  const update = (cluster: ControllerBench, feature: string, maxVersionLevel: number, upgradeType: number) =>
    answerOf(updateFeatures(cluster), 1, {
      timeoutMs: 1,
      featureUpdates: [{ feature, maxVersionLevel, upgradeType }],
      validateOnly: false,
    });

  it('answers as Apache Kafka does', async () => {
    for (const line of recorded(/^cluster\.features\./)) await expectRecorded(updateFeatures(finalised()), line);
  });

  it('finalises a level, and takes it back only when told how', async () => {
    const cluster = finalised();
    expect((await update(cluster, 'group.version', 0, 2))['results']).to.deep.equal([
      { feature: 'group.version', errorCode: 0, errorMessage: 'NONE' },
    ]);
    expect(cluster.image.features.levels.has('group.version')).to.equal(false);
    expect(await update(cluster, 'group.version', 1, 2)).to.deep.include({
      errorCode: Errors.INVALID_UPDATE_VERSION,
    });
    await update(cluster, 'group.version', 1, 1);
    expect(cluster.image.features.levels.get('group.version')).to.equal(1);
  });

  it('refuses a metadata version that would lose metadata', async () => {
    const cluster = finalised();
    expect((await update(cluster, 'metadata.version', 20, 2))['errorMessage']).to.match(
      /Unsupported metadata\.version downgrade from 30 to 20\. Refusing/,
    );
    expect((await update(cluster, 'metadata.version', 20, 3))['errorMessage']).to.match(/Unsafe metadata downgrade/);
  });
});

describe('UnregisterBroker', () => {
  it('answers as Apache Kafka does', async () => {
    for (const line of recorded(/^cluster\.unregister/)) await expectRecorded(unregisterBroker(bench()), line);
  });

  it('takes a broker out, and what it led goes to others', async () => {
    const cluster = bench();
    cluster.addBroker(2);
    cluster.createTopic('shared', 1, [2, 1]);
    expect(await answerOf(unregisterBroker(cluster), 0, { brokerId: 2 })).to.deep.include({ errorCode: 0 });
    expect([...cluster.image.cluster.brokers.keys()]).to.deep.equal([1]);
    expect(cluster.image.topics.byName.get('shared')?.partitions[0]).to.deep.include({ leader: 1, isr: [1] });
  });
});

describe('ListConfigResources', () => {
  it('names what has configs, or always does', async () => {
    const cluster = bench();
    cluster.setConfig(16, 'sub1', 'metrics', 'a');
    cluster.setConfig(32, 'cg-x', 'consumer.session.timeout.ms', '50000');
    for (const line of recorded(/^listconfigresources\.(v0|v1\.group|v1\.bad)$/)) {
      await expectRecorded(listConfigResources(cluster.identity), line);
    }
    const answer = await answerOf(listConfigResources(cluster.identity), 1, { resourceTypes: [] });
    expect(answer['configResources']).to.deep.equal([
      { resourceName: 'cg-x', resourceType: 32 },
      { resourceName: 'sub1', resourceType: 16 },
      { resourceName: '1', resourceType: 8 },
      { resourceName: '1', resourceType: 4 },
      { resourceName: 'meta', resourceType: 2 },
    ]);
  });
});
