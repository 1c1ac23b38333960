import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { deltaFromNothing, MetadataDelta, type MetadataImage } from '../../src/kraft/metadata/index.ts';
import { logConfig, topicLogConfig } from '../../src/log/index.ts';
import { ReplicaManager, replicationConfig } from '../../src/replication/index.ts';
import { Metrics, parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { batchOf, LOG_DIR, NODE_ID, RecordPath } from '../api-handlers/record-path.ts';

interface MadeTopic {
  readonly topicId: string;
  readonly image: MetadataImage;
  readonly delta: MetadataDelta;
}

/** As another cluster has it, in which it is the only one. */
async function topicOf(name: string, partitions: number): Promise<MadeTopic> {
  const other = await RecordPath.open();
  const topicId = other.createTopic(name, { partitions });
  return { topicId, image: other.image, delta: deltaFromNothing(other.image) };
}

describe('the replica manager', () => {
  let path: RecordPath;

  beforeEach(async () => {
    path = await RecordPath.open();
  });

  const store = async (name: string): Promise<void> => {
    const topicData = [{ name, partitionData: [{ index: 0, records: batchOf(['v']) }] }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData };
    const { responses } = await path.ask(produce(path.replicas, path.identity), 9, request);
    expect(responses[0]?.partitionResponses[0]?.errorCode).to.equal(0);
  };

  const directories = (): string[] =>
    path.disk
      .listSync(LOG_DIR)
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => name)
      .sort();

  it('holds the partitions that are assigned to this node, by name and by id', () => {
    const topicId = path.createTopic('here', { partitions: 2 });
    path.createTopic('elsewhere', { replicas: [2] });
    expect(path.replicas.partition('here', 1)).to.equal(path.replicas.partitionById(topicId, 1));
    expect(path.replicas.partition('here', 1)?.isLeader).to.equal(true);
    expect(path.replicas.partition('elsewhere', 0)).to.equal(undefined);
    expect(path.replicas.missingError('elsewhere', 0)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    expect(path.replicas.missingError('here', 2)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(path.replicas.missingError('nowhere', 0)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(directories()).to.deep.equal(['here-0', 'here-1']);
  });

  it('deletes logs with their topic, and begins anew under the same name', async () => {
    const first = path.createTopic('again');
    await store('again');
    path.deleteTopic(first);
    expect(path.replicas.partition('again', 0)).to.equal(undefined);
    expect(directories().filter((name) => !name.endsWith('-delete'))).to.deep.equal([]);
    const second = path.createTopic('again');
    expect(path.replicas.partitionById(first, 0)).to.equal(undefined);
    expect(path.replicas.partitionById(second, 0)?.log.logEndOffset).to.equal(0);
    await store('again');
  });

  it('hands configs to the logs, when a topic is made and when they change', () => {
    path.createTopic('small', {
      configs: { 'max.message.bytes': '500', 'min.insync.replicas': '2' },
      replicas: [1, 2],
    });
    const partition = path.replicas.partition('small', 0);
    expect(partition?.log.config.maxMessageBytes).to.equal(500);
    expect(partition?.effectiveMinIsr).to.equal(2);
    path.setConfig('small', 'max.message.bytes', '900');
    expect(partition?.log.config.maxMessageBytes).to.equal(900);
    path.setConfig('small', 'max.message.bytes', null);
    expect(partition?.log.config.maxMessageBytes).to.equal(1_048_588);
  });

  it('raises the epoch in the log with every election', () => {
    const topicId = path.createTopic('elected');
    path.elect(topicId);
    path.elect(topicId, -1);
    expect(path.replicas.partition('elected', 0)?.isLeader).to.equal(false);
    path.elect(topicId);
    expect(path.replicas.partition('elected', 0)?.leaderEpoch).to.equal(3);
    expect(path.replicas.partition('elected', 0)?.log.latestEpoch).to.equal(3);
  });

  it('takes up its logs after a restart, with the high watermark at their end', async () => {
    path.createTopic('kept');
    await store('kept');
    await path.clock.run(path.logManager.close());
    path = await RecordPath.open({}, path);
    const partition = path.replicas.partition('kept', 0);
    expect([partition?.log.logEndOffset, partition?.log.highWatermark]).to.deep.equal([1, 1]);
    await store('kept');
  });

  it('sets aside the logs of topics that went while it was away', async () => {
    const gone = path.createTopic('gone');
    path.createTopic('kept');
    await store('gone');
    await store('kept');
    await path.clock.run(path.logManager.close());
    path = await RecordPath.open({}, path, [gone]);
    expect(directories().map((name) => name.replace(/[0-9a-f]{32}/, '<hex>'))).to.have.members([
      'gone-0.<hex>-stray',
      'kept-0',
    ]);
    await store('kept');
  });

  it('touches no log before it has been started', async () => {
    const topicId = path.createTopic('kept');
    await store('kept');
    await path.clock.run(path.logManager.close());
    path = await RecordPath.open({}, path);
    expect(path.replicas.partitionById(topicId, 0)?.log.logEndOffset).to.equal(1);
    expect(() => path.replicas.start()).to.throw('starts once');
  });

  it('opens and follows many partitions in slices, and what is published meanwhile after that', async () => {
    const { clock, disk, logManager } = path;
    let nowMs = 0;
    clock.monotonicMs = () => (nowMs += 15);
    const replicas = new ReplicaManager({
      runtime: { clock, random: new SeededRandom(1), disk, logger: silentLogger, metrics: new Metrics() },
      nodeId: NODE_ID,
      config: parseConfigs(replicationConfig, new Map()),
      logManager,
      topicLogConfig: () => topicLogConfig(parseConfigs(logConfig, new Map())),
    });
    const hosted = (): number => [...replicas.partitions()].length;
    const made = await topicOf('wide', 500);
    expect(replicas.publish(made.delta, made.image), 'before the start').to.equal(undefined);
    const starting = replicas.start();
    expect(hosted()).to.be.within(1, 499);
    const gone = new MetadataDelta(made.image);
    gone.replay({ type: 'RemoveTopicRecord', version: 0, topicId: made.topicId });
    const publishing = replicas.publish(gone, gone.apply({ ...made.image.provenance, offset: 1_000 }));
    await clock.run(Promise.all([starting, publishing]));
    expect(hosted(), 'the deletion comes behind').to.equal(0);
    const again = await topicOf('wide', 500);
    const following = replicas.publish(again.delta, again.image);
    expect(hosted()).to.be.within(1, 499);
    await clock.run(Promise.resolve(following));
    expect(hosted()).to.equal(500);
    const goneAgain = new MetadataDelta(again.image);
    goneAgain.replay({ type: 'RemoveTopicRecord', version: 0, topicId: again.topicId });
    const removing = replicas.publish(goneAgain, goneAgain.apply({ ...again.image.provenance, offset: 2_000 }));
    expect(hosted(), 'one topic of many partitions goes in slices too').to.be.within(1, 499);
    expect(replicas.missingError('wide', 0)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    await clock.run(Promise.resolve(removing));
    expect(hosted()).to.equal(0);
  });

  it('takes a partition offline when its log cannot be made, and no other', () => {
    path.createTopic('before');
    path.disk.capacityBytes = 0;
    path.createTopic('refused', { partitions: 1 });
    expect(path.replicas.partition('before', 0)?.isLeader).to.equal(true);
    expect(path.replicas.partition('refused', 0)).to.equal(undefined);
    expect(path.replicas.missingError('refused', 0)).to.equal(Errors.KAFKA_STORAGE_ERROR);
  });

  it('makes a thousand partitions quickly', () => {
    path.createTopic('many', { partitions: 1000 });
    expect([...path.replicas.partitions()]).to.have.length(1000);
  });
});
