// A broker with several log directories: replicas move between them, and one that fails takes its own partitions only.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { AlterReplicaLogDirs } from '../../../src/protocol/messages/34-alter-replica-log-dirs.ts';
import { DescribeLogDirs } from '../../../src/protocol/messages/35-describe-log-dirs.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { DiskError, silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const A = '/disks/a';
const B = '/disks/b';
const C = '/disks/c';
const BROKER_RESOURCE = 4;

/** Refuses everything below the paths in `broken`, handles that are open already included. */
class BreakableDisk extends MemoryDisk {
  readonly broken = new Set<string>();

  #check(path: string): void {
    for (const one of this.broken) if (path.startsWith(one)) throw new DiskError('EIO', path, 'the disk is broken');
  }
  override openSync(...args: Parameters<MemoryDisk['openSync']>): ReturnType<MemoryDisk['openSync']> {
    this.#check(args[0]);
    return super.openSync(...args);
  }
  override store(...args: Parameters<MemoryDisk['store']>): void {
    this.#check(args[3]);
    super.store(...args);
  }
  override listSync(directory: string): ReturnType<MemoryDisk['listSync']> {
    this.#check(directory);
    return super.listSync(directory);
  }
  override lock(path: string): ReturnType<MemoryDisk['lock']> {
    this.#check(path);
    return super.lock(path);
  }
  override makeDirectorySync(path: string): boolean {
    this.#check(path);
    return super.makeDirectorySync(path);
  }
  override renameSync(from: string, to: string): void {
    this.#check(from);
    this.#check(to);
    super.renameSync(from, to);
  }
}

describe('several log directories', () => {
  let disk: BreakableDisk;
  let node: BrokerNode;
  let client: RawClient;
  let failures: Error[];

  const start = async (logDirs = [A, B, C]): Promise<void> => {
    const runtime = nodeRuntime({ logger: silentLogger });
    const settings = settingsOf({ port: 0, config: { 'log.dirs': logDirs.join(',') } }, disk);
    const onFailure = (error: Error): void => void failures.push(error);
    node = await BrokerNode.start({ runtime: { ...runtime, disk }, settings, loggers: new LoggerLevels(), onFailure });
    client = await RawClient.connect(node.port);
  };
  const stop = async (): Promise<void> => {
    client.destroy();
    await node.close();
  };

  beforeEach(async () => {
    disk = new BreakableDisk({ nowMs: () => 1_700_000_000_000 });
    failures = [];
    await start();
  });
  afterEach(stop);

  const createTopic = async (name: string, numPartitions = 1): Promise<void> => {
    const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }];
    const answer = await client.ask(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false });
    expect(answer.topics[0]?.errorCode).to.equal(0);
  };
  const alter = async (path: string, name: string, partition = 0): Promise<number | undefined> => {
    const dirs = [{ path, topics: [{ name, partitions: [partition] }] }];
    const { results } = await client.ask(AlterReplicaLogDirs, 2, { dirs });
    expect(results.map(({ topicName }) => topicName)).to.deep.equal([name]);
    return results[0]?.partitions[0]?.errorCode;
  };
  const describeDirs = async () => (await client.ask(DescribeLogDirs, 5, { topics: null })).results;
  /** `directory topic-partition`, with an asterisk for future replicas. */
  const replicas = async (): Promise<string[]> =>
    (await describeDirs()).flatMap(({ logDir, topics }) =>
      topics.flatMap(({ name, partitions }) =>
        partitions.map((one) => `${logDir} ${name}-${one.partitionIndex}${one.isFutureKey ? '*' : ''}`),
      ),
    );
  const produce = async (name: string, index = 0, valueBytes = 10): Promise<number | undefined> => {
    const records = buildBatch([{ key: null, value: Buffer.alloc(valueBytes, 1), timestamp: 1_700_000_000_000 }]);
    const topicData = [{ name, partitionData: [{ index, records }] }];
    const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 5000, topicData });
    return answer.responses[0]?.partitionResponses[0]?.errorCode;
  };
  const throttle = async (value: string | null): Promise<void> => {
    const name = 'replica.alter.log.dirs.io.max.bytes.per.second';
    const configs = [{ name, configOperation: value === null ? 1 : 0, value }];
    const resources = [{ resourceType: BROKER_RESOURCE, resourceName: '1', configs }];
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
    expect(responses[0]?.errorCode).to.equal(0);
  };
  const moved = async (): Promise<string[]> => {
    let now = await replicas();
    await eventually(
      'the move ends',
      async () => {
        now = await replicas();
        return !now.some((one) => one.endsWith('*'));
      },
      10_000,
    );
    return now;
  };
  const directoryOf = (path: string): string | undefined =>
    Buffer.from(disk.readFileSync(`${path}/meta.properties`))
      .toString()
      .match(/^directory\.id=(.*)$/m)?.[1];
  const assigned = (topic: string): string | undefined =>
    node.image.topics.byName.get(topic)?.partitions[0]?.directories[0];

  it('spreads new partitions, and tells the controller where they lie', async () => {
    await createTopic('spread', 3);
    expect(await replicas()).to.deep.equal([`${A} spread-0`, `${B} spread-1`, `${C} spread-2`]);
    const partitions = () =>
      node.image.topics.byName.get('spread')?.partitions.map(({ directories }) => directories[0]);
    const ids = [A, B, C].map(directoryOf);
    await eventually('the metadata knows the directories', () => String(partitions()) === String(ids));
    expect(node.image.cluster.brokers.get(1)?.directories).to.have.members(ids);
  });

  it('puts a partition where it was asked to before it existed', async () => {
    expect(await alter(C, 'wished')).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    await createTopic('wished', 2);
    expect(await replicas()).to.deep.equal([`${A} wished-1`, `${C} wished-0`]);
  });

  it('answers as Kafka does what cannot be', async () => {
    await createTopic('here');
    expect(await alter('/disks/d', 'here')).to.equal(Errors.LOG_DIR_NOT_FOUND);
    expect(await alter(`${B}/`, 'here')).to.equal(Errors.LOG_DIR_NOT_FOUND);
    expect(await alter(B, 'here', 7)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await alter(B, 'no/name')).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await alter(B, 'x'.repeat(240))).to.equal(Errors.INVALID_TOPIC_EXCEPTION);
    expect(await alter(A, 'here')).to.equal(Errors.NONE);
    expect(await replicas()).to.deep.equal([`${A} here-0`]);
  });

  it('puts nothing new into a directory that is cordoned, and tells the controller and whoever asks (KIP-1066)', async () => {
    const cordon = async (value: string): Promise<number | undefined> => {
      const configs = [{ name: 'cordoned.log.dirs', configOperation: 0, value }];
      const resources = [{ resourceType: BROKER_RESOURCE, resourceName: '1', configs }];
      return (await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })).responses[0]?.errorCode;
    };
    const told = (): readonly string[] => node.image.cluster.brokers.get(1)?.cordonedDirectories ?? [];
    for (const wrong of ['/disks/d', `*,${A}`]) expect(await cordon(wrong), wrong).to.equal(Errors.INVALID_REQUEST);
    expect(await cordon(`${A},${C}`)).to.equal(Errors.NONE);
    await eventually('the controller knows', () => told().length === 2);
    expect(told()).to.have.members([directoryOf(A), directoryOf(C)]);
    await createTopic('late', 3);
    expect(await replicas()).to.deep.equal([0, 1, 2].map((index) => `${B} late-${index}`));
    expect((await describeDirs()).map(({ isCordoned }) => isCordoned)).to.deep.equal([true, false, true]);
    expect(await alter(C, 'late')).to.equal(Errors.INVALID_REPLICA_ASSIGNMENT);
    expect(await cordon('*')).to.equal(Errors.NONE);
    await eventually('the controller knows of all', () => told().length === 3);
    const topics = [{ name: 'no', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }];
    const refused = await client.ask(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false });
    expect(refused.topics[0]?.errorCode).to.equal(Errors.INVALID_REPLICATION_FACTOR);
    expect(await cordon('')).to.equal(Errors.NONE);
    await eventually('the controller knows of none', () => told().length === 0);
    await createTopic('later', 2);
    expect(await replicas()).to.include.members([`${A} later-0`, `${C} later-1`]);
  });

  it('moves a replica while it is produced to, and serves it as before', async () => {
    await createTopic('moving');
    for (let i = 0; i < 5; i++) expect(await produce('moving', 0, 100_000)).to.equal(0);
    expect(await alter(B, 'moving')).to.equal(0);
    for (let i = 0; i < 20; i++) expect(await produce('moving')).to.equal(0);
    expect(await moved()).to.deep.equal([`${B} moving-0`]);
    expect(assigned('moving')).to.equal(directoryOf(B));
    for (let i = 0; i < 3; i++) expect(await produce('moving')).to.equal(0);
    const partition = node.image.topics.byName.get('moving')?.partitions[0];
    expect(partition).to.include({ leader: 1, leaderEpoch: 0 });
    const topics = [{ topic: 'moving', topicId: partition?.partition === 0 ? '' : '', partitions: [FROM_START] }];
    const fetched = await client.ask(Fetch, 12, { ...FETCH, topics });
    expect(fetched.responses[0]?.partitions[0]).to.include({ errorCode: 0, highWatermark: 28 });
    const left = disk.listSync(A).filter(({ name }) => name.startsWith('moving'));
    expect(left.every(({ name }) => /^moving-0\.[0-9a-f]{32}-delete$/.test(name))).to.equal(true);
  });

  it('keeps to the throttle, shows the future replica, and takes a move back', async () => {
    await createTopic('slow');
    for (let i = 0; i < 3; i++) await produce('slow', 0, 600_000);
    await throttle('1000');
    expect(await alter(B, 'slow')).to.equal(0);
    await eventually('the first bytes are copied', () => (node.image, disk.usedBytes() > 2_200_000));
    const [a, b] = await describeDirs();
    expect(a?.topics[0]?.partitions[0]).to.include({ isFutureKey: false, offsetLag: 0 });
    expect(b?.topics[0]?.partitions[0]).to.include({ isFutureKey: true, offsetLag: 2 });
    expect(await alter(B, 'slow'), 'once more').to.equal(0);
    expect(await alter(C, 'slow'), 'elsewhere').to.equal(0);
    expect(await replicas()).to.deep.equal([`${A} slow-0`, `${C} slow-0*`]);
    expect(await alter(A, 'slow'), 'back').to.equal(0);
    expect(await replicas()).to.deep.equal([`${A} slow-0`]);
    expect(await alter(C, 'slow')).to.equal(0);
    await stop();
    await start();
    expect(await replicas(), 'after a restart').to.deep.equal([`${A} slow-0`, `${C} slow-0*`]);
    await throttle(null);
    expect(await moved()).to.deep.equal([`${C} slow-0`]);
  });

  it('ends a move with its topic', async () => {
    await createTopic('gone');
    await produce('gone', 0, 600_000);
    await throttle('1');
    expect(await alter(B, 'gone')).to.equal(0);
    await client.ask(DeleteTopics, 6, { topics: [{ name: 'gone', topicId: NO_ID }], timeoutMs: 5000 });
    expect(await replicas()).to.deep.equal([]);
    await createTopic('gone');
    expect(await replicas()).to.deep.equal([`${A} gone-0`]);
  });

  it('goes on without a directory that fails while it runs', async () => {
    await createTopic('spread', 3);
    await eventually('the metadata knows the directories', () => assigned('spread') === directoryOf(A));
    expect(await produce('spread', 1)).to.equal(0);
    const lost = directoryOf(B) as string;
    disk.broken.add(B);
    expect(await produce('spread', 1)).to.equal(Errors.KAFKA_STORAGE_ERROR);
    const registered = () => node.image.cluster.brokers.get(1)?.directories ?? [];
    await eventually('the controller knows', () => registered().length === 2 && !registered().includes(lost));
    expect(await produce('spread', 1)).to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await produce('spread', 0)).to.equal(0);
    expect(await produce('spread', 2)).to.equal(0);
    expect((await describeDirs()).map(({ errorCode, topics }) => [errorCode, topics.length])).to.deep.equal([
      [0, 1],
      [Errors.KAFKA_STORAGE_ERROR, 0],
      [0, 1],
    ]);
    expect(await alter(B, 'spread', 0)).to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await alter(A, 'spread', 1)).to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await alter(C, 'spread', 0), 'to another, while one is lost').to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await partitionsOf('spread')).to.deep.equal([
      { errorCode: 0, leaderId: 1, offlineReplicas: [] },
      { errorCode: Errors.LEADER_NOT_AVAILABLE, leaderId: -1, offlineReplicas: [1] },
      { errorCode: 0, leaderId: 1, offlineReplicas: [] },
    ]);
    await createTopic('later', 2);
    expect((await replicas()).filter((one) => one.includes('later'))).to.deep.equal([`${A} later-0`, `${C} later-1`]);
    expect(failures).to.deep.equal([]);
  });

  const partitionsOf = async (name: string) => {
    const topics = [{ name, topicId: NO_ID }];
    const answer = await client.ask(Metadata, 12, {
      topics,
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    });
    return answer.topics[0]?.partitions.map(({ errorCode, leaderId, offlineReplicas }) => ({
      errorCode,
      leaderId,
      offlineReplicas,
    }));
  };

  it('makes a partition in the next directory when the first one refuses', async () => {
    disk.broken.add(B);
    await createTopic('spread', 3);
    expect((await replicas()).sort()).to.deep.equal([`${A} spread-0`, `${A} spread-2`, `${C} spread-1`]);
    for (let index = 0; index < 3; index++) expect(await produce('spread', index)).to.equal(0);
    expect((await describeDirs()).map(({ errorCode }) => errorCode)).to.deep.equal([0, Errors.KAFKA_STORAGE_ERROR, 0]);
  });

  it('starts without a directory that cannot be used, and takes it up again when it can', async () => {
    await createTopic('spread', 3);
    await eventually('the metadata knows the directories', () => assigned('spread') === directoryOf(A));
    for (let index = 0; index < 3; index++) await produce('spread', index);
    await stop();
    disk.broken.add(B);
    await start();
    expect(await replicas()).to.deep.equal([`${A} spread-0`, `${C} spread-2`]);
    expect(await produce('spread', 0)).to.equal(0);
    expect(await produce('spread', 1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    expect((await partitionsOf('spread'))?.map(({ leaderId }) => leaderId)).to.deep.equal([1, -1, 1]);
    await stop();
    disk.broken.clear();
    await start();
    expect(await replicas()).to.deep.equal([`${A} spread-0`, `${B} spread-1`, `${C} spread-2`]);
    expect((await partitionsOf('spread'))?.map(({ leaderId }) => leaderId)).to.deep.equal([1, 1, 1]);
    expect(await produce('spread', 1)).to.equal(0);
  });

  it('starts without a directory whose checkpoints cannot be written', async () => {
    await createTopic('spread', 3);
    await stop();
    // As after a crash: the recovery points are written at once.
    disk.removeSync(`${B}/.kafka_cleanshutdown`);
    disk.broken.add(`${B}/recovery-point`);
    await start();
    expect((await describeDirs()).map(({ errorCode }) => errorCode)).to.deep.equal([0, Errors.KAFKA_STORAGE_ERROR, 0]);
    expect(await replicas()).to.deep.equal([`${A} spread-0`, `${C} spread-2`]);
    expect(await produce('spread', 2)).to.equal(0);
  });

  it('stays where it is when the directory that it moves to fails', async () => {
    await createTopic('moving');
    await produce('moving', 0, 600_000);
    await throttle('1000');
    expect(await alter(B, 'moving')).to.equal(0);
    disk.broken.add(B);
    await throttle(null);
    expect(await moved()).to.deep.equal([`${A} moving-0`]);
    expect(await produce('moving')).to.equal(0);
    expect(assigned('moving')).to.equal(directoryOf(A));
  });

  it('ends when the directory of the metadata fails, and when all have failed', async () => {
    await createTopic('spread', 3);
    disk.broken.add(A);
    await produce('spread', 0).catch(() => undefined);
    await eventually('the broker has stopped', () => failures.length === 1);
  });

  it('does not start without the directory of the metadata, nor with one named twice', async () => {
    await stop();
    disk.broken.add(A);
    const error = await start().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(DiskError);
    expect(() => settingsOf({ config: { 'log.dirs': `${A},${B},${A}/` } }, disk)).to.throw(/twice/);
    disk.broken.clear();
    await start();
  });

  it('does not start with a partition in two directories', async () => {
    await createTopic('one');
    await stop();
    disk.makeDirectorySync(`${B}/one-0`);
    const error = await start().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).to.match(/one-0 is in .*a\/one-0 and in .*b\/one-0/);
    disk.removeSync(`${B}/one-0`);
    await start();
  });
});

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const FROM_START = {
  partition: 0,
  currentLeaderEpoch: -1,
  fetchOffset: 0,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  partitionMaxBytes: 1000,
};
const FETCH = {
  replicaId: -1,
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 1000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  forgottenTopicsData: [],
  rackId: '',
};
