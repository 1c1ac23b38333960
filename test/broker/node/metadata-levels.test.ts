// Directories of every metadata.version that Apache Kafka 4.3.1 starts on, formatted and used by it: they start here, keep their
// level, get records of that level only, and are raised as by Kafka.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  snapshotRecords,
} from '../../../src/kraft/metadata/index.ts';
import { type ControlRecord, readBatches, SnapshotFiles } from '../../../src/kraft/raft/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { UpdateFeatures } from '../../../src/protocol/messages/57-update-features.ts';
import { buildBatch, recordsOf, sizeInBytes } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { unpack } from '../../log/data-directory.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

/** As Kafka 4.3.1's own MetadataVersion says: versions of RegisterBrokerRecord and of partition records, by level. */
const VERSIONS: Readonly<Record<number, readonly [registerBroker: number, partition: number]>> = {
  7: [1, 0],
  8: [2, 0],
  9: [2, 0],
  10: [2, 0],
  11: [2, 0],
  12: [2, 0],
  13: [2, 0],
  14: [2, 0],
  15: [2, 0],
  16: [2, 0],
  17: [3, 1],
  18: [3, 1],
  19: [3, 1],
  20: [3, 1],
  21: [3, 1],
  22: [3, 1],
  23: [3, 2],
  24: [3, 2],
  25: [3, 2],
  26: [3, 2],
  27: [3, 2],
  28: [3, 2],
  29: [3, 2],
  30: [4, 2],
};
const LEVELS = Object.keys(VERSIONS).map(Number);
const FIRST_WITH_TRANSACTIONS = 13;
const FIRST_WITH_CONTROLLERS = 15;
const FIRST_WITH_CORDONED_DIRECTORIES = 30;

const fixtures = new URL('../../fixtures/levels/', import.meta.url);
const metadataLog = '/data/__cluster_metadata-0';

/** Closed after each test, however it ends. */
const running: BrokerNode[] = [];

async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map((node) => node.close()));
}

class Directory {
  readonly disk: MemoryDisk;
  readonly #runtime = nodeRuntime({ logger: silentLogger });

  constructor(archive: string, folder: string) {
    this.disk = new MemoryDisk({ nowMs: () => this.#runtime.clock.nowMs() });
    this.disk.makeDirectorySync('/data');
    unpack(new URL(archive, fixtures), this.disk, '/data', folder);
  }

  /** `voters`: who votes where the directory leaves that to the configuration. */
  async start(voters = '1@127.0.0.1:9093', others: Readonly<Record<string, string>> = {}): Promise<BrokerNode> {
    const config = voters === '' ? others : { ...others, 'controller.quorum.voters': voters };
    const node = await BrokerNode.start({
      runtime: { ...this.#runtime, disk: this.disk },
      settings: settingsOf({ dataDir: '/data', ...('listeners' in others ? {} : { port: 0 }), config }, this.disk),
      loggers: new LoggerLevels(),
    });
    running.push(node);
    return node;
  }

  /** What stands in the metadata log from an epoch on. */
  recordsSince(epoch: number): { data: MetadataRecord[]; control: ControlRecord[] } {
    const bytes = Buffer.from(this.disk.readFileSync(`${metadataLog}/00000000000000000000.log`));
    const batches = [...readBatches(bytes)].filter((batch) => batch.epoch >= epoch);
    return {
      data: batches.flatMap(({ values }) => values.map(decodeMetadataRecord)),
      control: batches.flatMap(({ controlRecords }) => controlRecords),
    };
  }

  get epoch(): number {
    const path = `${metadataLog}/quorum-state`;
    if (!this.disk.existsSync(path)) return 0;
    return (JSON.parse(Buffer.from(this.disk.readFileSync(path)).toString()) as { leaderEpoch: number }).leaderEpoch;
  }
}

async function withClient<T>(node: BrokerNode, action: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.connect(node.port);
  try {
    return await action(client);
  } finally {
    client.destroy();
  }
}

async function createTopic(client: RawClient, name: string): Promise<string> {
  const { topics } = await client.ask(CreateTopics, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5000,
    validateOnly: false,
  });
  expect(topics[0]).to.include({ name, errorCode: 0 });
  return topics[0]?.topicId as string;
}

async function produce(client: RawClient, topic: string, text: string): Promise<void> {
  const records = buildBatch([{ value: Buffer.from(text), timestamp: Date.now() }]);
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  const { responses } = await client.ask(Produce, 9, { acks: -1, timeoutMs: 5000, topicData });
  expect(responses[0]?.partitionResponses[0]).to.include({ errorCode: 0 });
}

async function valuesOf(client: RawClient, topic: string, partition: number): Promise<string[]> {
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
  const { responses } = await client.ask(Fetch, 12, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    topics: [{ topic, partitions }],
  });
  const answer = responses[0]?.partitions[0];
  expect(answer?.errorCode).to.equal(0);
  return valuesIn(answer?.records ?? Buffer.alloc(0));
}

function valuesIn(records: Buffer): string[] {
  const values: string[] = [];
  for (let at = 0; at < records.length; at += sizeInBytes(records, at)) {
    for (const { value } of recordsOf(records, { at })) values.push(Buffer.from(value ?? []).toString());
  }
  return values;
}

function update(client: RawClient, ...levels: readonly [feature: string, level: number, upgradeType?: number][]) {
  return client.ask(UpdateFeatures, 2, {
    timeoutMs: 5000,
    featureUpdates: levels.map(([feature, maxVersionLevel, upgradeType = 1]) => ({
      feature,
      maxVersionLevel,
      upgradeType,
    })),
    validateOnly: false,
  });
}

async function finalized(client: RawClient): Promise<Record<string, number>> {
  const { finalizedFeatures } = await client.ask(ApiVersions, 4, {
    clientSoftwareName: 'raw',
    clientSoftwareVersion: '1',
  });
  return Object.fromEntries(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
}

/** Of every record that has more than one version, the version must be that of the level; some types come later. */
function checkVersions(level: number, records: readonly MetadataRecord[]): void {
  const [registerBroker, partition] = VERSIONS[level] as readonly [number, number];
  for (const { type, version } of records) {
    const said = `${type} v${version} at level ${level}`;
    if (type === 'RegisterBrokerRecord') expect(version, said).to.equal(registerBroker);
    else if (type === 'PartitionRecord' || type === 'PartitionChangeRecord') expect(version, said).to.equal(partition);
    else if (type === 'BrokerRegistrationChangeRecord') {
      expect(version, said).to.be.at.most(level >= FIRST_WITH_CORDONED_DIRECTORIES ? 3 : partition === 0 ? 1 : 2);
    } else expect(version, said).to.equal(0);
    if (type === 'RegisterControllerRecord') expect(level, said).to.be.at.least(FIRST_WITH_CONTROLLERS);
    if (type.endsWith('TransactionRecord')) expect(level, said).to.be.at.least(FIRST_WITH_TRANSACTIONS);
  }
}

describe('a directory with the metadata of', () => {
  afterEach(closeAll);

  for (const level of LEVELS) {
    for (const [kind, archive, folder] of [
      ['formatted', 'fresh.tar.gz', `fresh/${level}`],
      ['used', `${level}.tar.gz`, 'data'],
    ] as const) {
      it(`level ${level}, ${kind} by Kafka, serves, keeps the level and gets records of no other`, async () => {
        const directory = new Directory(archive, folder);
        const epochBefore = directory.epoch;
        let node = await directory.start();
        const topicId = await withClient(node, async (client) => {
          expect(await finalized(client)).to.include({ 'metadata.version': level });
          if (kind === 'used') {
            for (const partition of [0, 1, 2]) {
              const values = await valuesOf(client, 'orders', partition);
              expect(values).to.have.length(10);
              expect(values[0]).to.equal(`level ${level} record ${partition}`);
            }
            await produce(client, 'orders', 'one more');
          }
          const id = await createTopic(client, 'made-here');
          await produce(client, 'made-here', 'and kept');
          return id;
        });
        await node.close();
        node = await directory.start();
        await withClient(node, async (client) => {
          expect(await finalized(client)).to.include({ 'metadata.version': level });
          expect(await valuesOf(client, 'made-here', 0)).to.deep.equal(['and kept']);
          if (kind === 'used') expect((await valuesOf(client, 'orders', 0)).at(-1)).to.equal('one more');
        });
        expect(node.image.topics.byName.get('made-here')?.id).to.equal(topicId);
        expect(node.image.cluster.brokers.get(1)).to.include({ isFenced: false });
        expect(node.image.cluster.controllers.size).to.equal(level >= FIRST_WITH_CONTROLLERS ? 1 : 0);
        await node.close();
        const { data, control } = directory.recordsSince(epochBefore + 1);
        expect(data.filter(({ type }) => type === 'RegisterBrokerRecord')).to.have.length(2);
        checkVersions(level, data);
        expect(control.map(({ type }) => type)).to.deep.equal(['LeaderChange', 'LeaderChange']);
      });
    }

    it(`level ${level} makes of each of Kafka's snapshots the same image again, record values byte for byte`, () => {
      const { disk } = new Directory(`${level}.tar.gz`, 'data');
      const files = new SnapshotFiles(disk, metadataLog);
      expect(files.all.length).to.be.at.least(2);
      for (const id of files.all) {
        const values = [...files.read(id)].flatMap((batch) => batch.values.map((value) => Buffer.from(value)));
        const delta = new MetadataDelta(MetadataImage.empty);
        for (const value of values) delta.replay(decodeMetadataRecord(value));
        const image = delta.apply(MetadataImage.empty.provenance);
        const again = [...snapshotRecords(image)].map((record) => encodeMetadataRecord(record).toString('hex'));
        expect(again).to.have.members(values.map((value) => value.toString('hex')));
      }
    });
  }

  it('dynamic voters, whatever the level, needs no controller.quorum.voters', async () => {
    for (const [archive, level] of [
      ['12-dynamic.tar.gz', 12],
      ['21-dynamic.tar.gz', 21],
    ] as const) {
      const directory = new Directory(archive, 'data');
      const node = await directory.start('');
      await withClient(node, async (client) => {
        expect(await finalized(client)).to.include({ 'metadata.version': level, 'kraft.version': 1 });
        await createTopic(client, 'made-here');
      });
      await node.close();
    }
  });
});

describe('a listener of the controller', () => {
  afterEach(closeAll);

  it('tells of controllers from 3.7-IV0 on only: levels before know none (KIP-919)', async () => {
    for (const level of [14, 15]) {
      const node = await new Directory('fresh.tar.gz', `fresh/${level}`).start(undefined, {
        listeners: 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'controller.listener.names': 'CONTROLLER',
      });
      const client = await RawClient.connect(node.socketServer.controllerListeners[0]?.port ?? 0);
      const asked = { includeClusterAuthorizedOperations: false, endpointType: 2 };
      const { errorCode, errorMessage, brokers } = await client.ask(DescribeCluster, 1, asked);
      client.destroy();
      const isKnown = level >= FIRST_WITH_CONTROLLERS;
      expect({ errorCode, errorMessage, brokers: brokers.length }).to.deep.equal({
        errorCode: isKnown ? 0 : Errors.UNSUPPORTED_VERSION,
        errorMessage: isKnown
          ? null
          : 'Direct-to-controller communication is not supported with the current MetadataVersion.',
        brokers: isKnown ? 1 : 0,
      });
    }
  });
});

describe('metadata.version and kraft.version', () => {
  afterEach(closeAll);

  it('rise step by step, and after each step records are those of the new level', async () => {
    const directory = new Directory('7.tar.gz', 'data');
    const node = await directory.start();
    const { epoch } = directory;
    await withClient(node, async (client) => {
      for (const level of LEVELS.slice(1)) {
        expect(await update(client, ['metadata.version', level])).to.include({ errorCode: 0 });
        expect(await finalized(client)).to.deep.equal({ 'metadata.version': level });
        await createTopic(client, `made-at-${level}`);
        if (level < FIRST_WITH_CONTROLLERS) expect(node.image.cluster.controllers.size).to.equal(0);
      }
      await eventually('the broker has said which directories it cordons', () => {
        return node.image.cluster.brokers.get(1)?.cordonedDirectories?.length === 0;
      });
    });
    expect(node.image.cluster.controllers.size).to.equal(1);
    expect(node.image.cluster.brokers.get(1)?.directories).to.have.length(1);
    await node.close();
    let level = LEVELS[0] as number;
    for (const record of directory.recordsSince(epoch).data) {
      if (record.type === 'FeatureLevelRecord') level = record.featureLevel;
      else checkVersions(level, [record]);
    }
    expect(level).to.equal(30);
  });

  it('rise in one request, as by kafka-features upgrade --release-version, and the voters go into the log', async () => {
    const directory = new Directory('11.tar.gz', 'data');
    let node = await directory.start();
    const { epoch } = directory;
    const levels = {
      'eligible.leader.replicas.version': 1,
      'group.version': 1,
      'kraft.version': 1,
      'metadata.version': 30,
      'share.version': 1,
      'streams.version': 1,
      'transaction.version': 2,
    };
    await withClient(node, async (client) => {
      expect(await update(client, ...Object.entries(levels))).to.include({ errorCode: 0 });
      expect(await finalized(client)).to.deep.equal(levels);
      // Once more: nothing is left to do for kraft.version.
      expect(await update(client, ['kraft.version', 1])).to.include({ errorCode: 0 });
    });
    await node.close();
    const { control, data } = directory.recordsSince(epoch);
    expect(control.map(({ type }) => type)).to.deep.equal(['LeaderChange', 'KRaftVersion', 'KRaftVoters']);
    const raised = data.filter(({ type }) => type === 'ConfigRecord' || type === 'FeatureLevelRecord');
    expect(raised[0]).to.include({ type: 'ConfigRecord', name: 'min.insync.replicas', value: '1' });

    node = await directory.start('');
    expect(JSON.parse(Buffer.from(directory.disk.readFileSync(`${metadataLog}/quorum-state`)).toString())).to.include({
      leaderEpoch: epoch + 1,
      data_version: 1,
    });
    await withClient(node, async (client) => {
      expect(await finalized(client)).to.deep.equal(levels);
      const values = await valuesOf(client, 'orders', 2);
      expect(values).to.have.length(10);
    });
    // Replicas of the time before directories are told now.
    await eventually('the metadata knows where the replicas lie', () => {
      const orders = node.image.topics.byName.get('orders')?.partitions ?? [];
      const own = node.image.cluster.brokers.get(1)?.directories[0];
      return orders.length === 3 && orders.every(({ directories }) => directories[0] === own);
    });
    await node.close();
  });

  it('go down where no metadata is lost, and are refused in Kafka’s words where some is', async () => {
    const directory = new Directory('10.tar.gz', 'data');
    const node = await directory.start();
    const prefix = 'The update failed for all features since the following feature had an error: ';
    await withClient(node, async (client) => {
      const words = async (...levels: Parameters<typeof update>[1][]): Promise<string | null> => {
        const { errorCode, errorMessage } = await update(client, ...levels);
        expect(errorCode).to.equal(errorMessage === null ? 0 : 95);
        return errorMessage === null ? null : errorMessage.replace(prefix, '');
      };
      const invalid = (level: number, feature: string): string =>
        `Invalid update version ${level} for feature ${feature}. `;
      expect(await words(['metadata.version', 9, 2])).to.equal(null);
      const down = { feature: 'metadata.version', maxVersionLevel: 8 };
      const first = (allowDowngrade: boolean) =>
        client.ask(UpdateFeatures, 0, { timeoutMs: 5000, featureUpdates: [{ ...down, allowDowngrade }] });
      expect((await first(false)).errorMessage).to.contain("Can't downgrade the version of this feature");
      expect(await first(true)).to.include({ errorCode: 0 });
      expect(await finalized(client)).to.deep.equal({ 'metadata.version': 8 });
      expect(await words(['metadata.version', 7, 2])).to.equal(
        'Unsupported metadata.version downgrade from 8 to 7. ' +
          'Refusing to perform the requested downgrade because it might delete metadata information.',
      );
      expect(await words(['metadata.version', 7, 3])).to.equal(
        'Unsupported metadata.version downgrade from 8 to 7. Unsafe metadata downgrade is not supported in this version.',
      );
      expect(await words(['metadata.version', 7])).to.equal(
        `${invalid(7, 'metadata.version')}Can't downgrade the version of this feature without setting the upgrade type to ` +
          'either safe or unsafe downgrade.',
      );
      for (const level of [6, 31]) {
        expect(await words(['metadata.version', level])).to.equal(
          `${invalid(level, 'metadata.version')}Local controller 1 only supports versions 7-30`,
        );
      }
      expect(await words(['eligible.leader.replicas.version', 1])).to.equal(
        `${invalid(1, 'eligible.leader.replicas.version')}eligible.leader.replicas.version could not be set to 1 because ` +
          'it depends on metadata.version level 23',
      );
      // What is refused as a whole changes nothing, kraft.version included.
      expect(await words(['kraft.version', 1], ['group.version', 9])).to.contain('group.version');
      expect(await finalized(client)).to.deep.equal({ 'metadata.version': 8 });
      expect(await words(['kraft.version', 2])).to.equal(
        `${invalid(2, 'kraft.version')}Local controller 1 only supports versions 0-1`,
      );
      expect(await words(['kraft.version', 1])).to.equal(null);
      expect(await words(['kraft.version', 0, 2])).to.equal(
        `${invalid(0, 'kraft.version')}Can't downgrade the version of this feature.`,
      );
    });
    await node.close();
  });
});
