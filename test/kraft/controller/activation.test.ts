// What a controller finds when it takes over, and what it does not take over.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import type { MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { rejected } from '../world.ts';
import { ModelCluster } from './model-cluster.ts';

const BEGIN: MetadataRecord = { type: 'BeginTransactionRecord', version: 0, name: 'midway' };
const topic = (name: string): MetadataRecord => ({
  type: 'TopicRecord',
  version: 0,
  name,
  topicId: name.padEnd(22, 'A'),
});

describe('an active controller', () => {
  let cluster: ModelCluster;
  beforeEach(async () => {
    cluster = new ModelCluster();
    for (const id of [1, 2, 3]) await cluster.join(id);
  });
  afterEach(() => cluster.close());
  const types = (offset: number) => cluster.recordsFrom(offset).map(({ type }) => type);

  it('aborts a transaction that its predecessor left open: nobody ever sees what was in it', async () => {
    cluster.log.append([BEGIN, topic('half')], cluster.log.epoch);
    cluster.log.commit();
    const at = cluster.log.logEndOffset;
    cluster.elect(102);
    await cluster.createTopic('whole', [[1]]);
    expect(types(at)).to.deep.equal(['AbortTransactionRecord', 'TopicRecord', 'PartitionRecord']);
    expect([...cluster.image.topics.byName.keys()]).to.deep.equal(['whole']);
  });

  it('writes the bootstrap records again when their transaction was left open', async () => {
    const fresh = new ModelCluster();
    fresh.log.commit();
    await fresh.clock.settle();
    const written = fresh.recordsFrom(0);
    expect(written.map(({ type }) => type)).to.deep.equal([
      'BeginTransactionRecord',
      'FeatureLevelRecord',
      'FeatureLevelRecord',
      'ConfigRecord',
      'EndTransactionRecord',
    ]);
    fresh.close();

    const half = new ModelCluster();
    half.log.failOver();
    half.log.append(written.slice(0, 2), half.log.epoch);
    half.log.commit();
    const at = half.log.logEndOffset;
    half.elect(102);
    await half.clock.settle();
    expect(half.recordsFrom(at).map(({ type }) => type)).to.deep.equal([
      'AbortTransactionRecord',
      ...written.map(({ type }) => type),
    ]);
    expect(half.image.features.metadataVersion).to.equal(30);
    half.close();
  });

  it('forgets what was not committed when it loses the lead, and tells who waits', async () => {
    cluster.log.commitsItself = false;
    const request = {
      topics: [{ name: 'lost', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1,
      validateOnly: false,
    };
    const asked = rejected(cluster.active.createTopics(request));
    expect(cluster.active.image.topics.byName.has('lost')).to.equal(true);
    const former = cluster.active;
    cluster.elect(102);
    cluster.log.commitsItself = true;
    expect((await cluster.run(asked)).code).to.equal(Errors.NOT_CONTROLLER);
    expect(former.image.topics.byName.has('lost')).to.equal(false);
    expect((await rejected(former.createTopics(request))).code).to.equal(Errors.NOT_CONTROLLER);
    await cluster.createTopic('lost', [[2]]);
    cluster.elect(101);
    expect(cluster.active.image.topics.byName.get('lost')?.partitions[0]?.replicas).to.deep.equal([2]);
  });

  it('answers nobody before what the answer rests on is committed', async () => {
    cluster.log.commitsItself = false;
    let answers = 0;
    const brokerEpoch = cluster.broker(1)?.epoch ?? -1;
    const ids = cluster.active.allocateProducerIds({ brokerId: 1, brokerEpoch }).then(() => answers++);
    const beat = cluster.heartbeat(2).then(() => answers++);
    await cluster.clock.settle();
    expect(answers).to.equal(0);
    cluster.log.commit();
    await cluster.run(Promise.all([ids, beat]));
    expect(answers).to.equal(2);
  });

  it('lets no operation in between the slices of a long one', async () => {
    await cluster.createTopic(
      'many',
      Array.from({ length: 2200 }, () => [1, 2]),
    );
    const at = cluster.log.logEndOffset;
    const gone = cluster.active.brokerGone(1, cluster.broker(1)?.epoch ?? -1);
    const created = cluster.createTopic('after', [[2]]);
    await cluster.run(Promise.all([gone, created]));
    const batches = cluster.log.batches.filter(({ baseOffset }) => baseOffset >= at);
    expect(batches.map(({ records }) => records.length)).to.deep.equal([500, 500, 500, 500, 201, 2]);
    expect(batches.at(-1)?.records[0]?.type).to.equal('TopicRecord');
  });
});
