// The metadata of both data directories that Apache Kafka 4.3.1 wrote.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  snapshotRecords,
} from '../../src/kraft/metadata/index.ts';
import { SnapshotFiles } from '../../src/kraft/raft/index.ts';
import { unpack } from '../log/data-directory.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { World } from './world.ts';

interface Expected {
  readonly readAtMs: number;
  readonly clusterId: string;
  readonly finalizedFeatures: Record<string, number>;
  readonly quorum: {
    readonly leaderEpoch: number;
    readonly voters: { readonly id: number; readonly directoryId: string }[];
  };
  readonly topics: Record<string, ExpectedTopic & { readonly partitions: Record<string, ExpectedPartition> }>;
  readonly internalTopics: Record<string, ExpectedTopic & { readonly partitionCount: number }>;
  readonly dynamicConfigs: {
    readonly clusterDefault: Record<string, string>;
    readonly broker: Record<string, string>;
    readonly groups: Record<string, Record<string, string>>;
    readonly clientMetrics: Record<string, Record<string, string>>;
  };
  readonly quotas: { readonly entity: Record<string, string | null>; readonly quotas: Record<string, number> }[];
  readonly acls: unknown[];
  readonly scramUsers: Record<string, { readonly mechanism: string; readonly iterations: number }[]>;
}
interface ExpectedTopic {
  readonly topicId: string;
  readonly configs: Record<string, string>;
}
interface ExpectedPartition {
  readonly leaderEpoch: number;
  readonly replicas: number[];
}

const fixtures = new URL('../fixtures/', import.meta.url);
const directories = [
  { name: 'clean', archive: 'kafka-4.3.1-datadir.tar.gz', expected: 'expected.json', producerIds: 2000, epoch: 2 },
  {
    name: 'crashed',
    archive: 'kafka-4.3.1-datadir-crashed.tar.gz',
    expected: 'expected-crashed.json',
    producerIds: 2000,
    epoch: 3,
  },
];

for (const { name, archive, expected: expectedFile, epoch } of directories) {
  describe(`the metadata of Kafka's ${name} data directory`, () => {
    const expected = JSON.parse(readFileSync(new URL(expectedFile, fixtures), 'utf8')) as Expected;
    let world: World;
    let node: NodeUnderTest;

    before(async () => {
      world = new World(1, expected.readAtMs);
      unpack(new URL(archive, fixtures), world.disk, '/data');
      node = await world.open();
    });

    it('opens with its identity, features and voters', () => {
      expect(node.formatted.clusterId).to.equal(expected.clusterId);
      expect(node.formatted.isFresh).to.equal(false);
      const { 'kraft.version': kraftVersion, ...features } = expected.finalizedFeatures;
      expect(kraftVersion).to.equal(1);
      expect(Object.fromEntries(node.loader.image.features.levels)).to.deep.equal(features);
      expect(node.raft.voters.voters.map(({ id, directoryId }) => ({ directoryId, id }))).to.deep.equal(
        expected.quorum.voters,
      );
      expect(node.raft.leadership).to.deep.equal({ epoch, leaderId: 1 });
      expect(JSON.parse(world.text('/data/__cluster_metadata-0/quorum-state'))).to.include({
        leaderId: 1,
        leaderEpoch: epoch,
      });
    });

    it('has every topic with its id, partitions and configs', () => {
      const { topics, configs } = node.loader.image;
      const names = [...Object.keys(expected.topics), ...Object.keys(expected.internalTopics)];
      expect([...topics.byName.keys()]).to.have.members(names);
      for (const [topic, facts] of [...Object.entries(expected.topics), ...Object.entries(expected.internalTopics)]) {
        const image = topics.byName.get(topic);
        expect(image?.id, topic).to.equal(facts.topicId);
        expect(topics.byId.get(facts.topicId)).to.equal(image);
        expect(Object.fromEntries(configs.get(2, topic)), topic).to.deep.equal(facts.configs);
      }
      for (const [topic, { partitions }] of Object.entries(expected.topics)) {
        const image = topics.byName.get(topic)?.partitions ?? [];
        expect(image.length, topic).to.equal(Object.keys(partitions).length);
        for (const [index, { replicas }] of Object.entries(partitions)) {
          expect(image[Number(index)]?.replicas).to.deep.equal(replicas);
        }
      }
      for (const [topic, { partitionCount }] of Object.entries(expected.internalTopics)) {
        expect(topics.byName.get(topic)?.partitions.length, topic).to.equal(partitionCount);
      }
    });

    it('has all other configs', () => {
      const { configs } = node.loader.image;
      const { clusterDefault, broker, groups, clientMetrics } = expected.dynamicConfigs;
      expect(Object.fromEntries(configs.get(4, ''))).to.deep.equal(clusterDefault);
      expect(Object.fromEntries(configs.get(4, '1'))).to.deep.equal(broker);
      for (const [group, entries] of Object.entries(groups)) {
        expect(Object.fromEntries(configs.get(32, group))).to.deep.equal(entries);
      }
      for (const [subscription, entries] of Object.entries(clientMetrics)) {
        expect(Object.fromEntries(configs.get(16, subscription))).to.deep.equal(entries);
      }
    });

    it('keeps quotas, ACLs, SCRAM users and producer ids', () => {
      const { acls, clientQuotas, scram, nextProducerId } = node.loader.image;
      const quotas = [...clientQuotas.values()].map(({ entity, quotas: values }) => ({
        entity: Object.fromEntries(entity.map(({ entityType, entityName }) => [entityType, entityName])),
        quotas: Object.fromEntries(values),
      }));
      expect(quotas).to.have.deep.members(expected.quotas);
      expect(acls.size).to.equal(expected.acls.length);
      const users = [...scram.values()].map((user) => [user.name, user.mechanism, user.iterations]);
      const mechanisms: Record<string, number> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 };
      expect(users).to.have.deep.members(
        Object.entries(expected.scramUsers).flatMap(([user, list]) =>
          list.map(({ mechanism, iterations }) => [user, mechanisms[mechanism], iterations]),
        ),
      );
      expect(Number(nextProducerId) % 1000).to.equal(0);
      expect(nextProducerId).to.be.at.least(1000);
    });

    it('makes of each of its snapshots the same image again, record values byte for byte', () => {
      const files = new SnapshotFiles(world.disk, '/data/__cluster_metadata-0');
      expect(files.all.length).to.be.at.least(4);
      for (const id of files.all) {
        const values: string[] = [];
        const delta = new MetadataDelta(MetadataImage.empty);
        for (const batch of files.read(id)) {
          for (const value of batch.values) {
            values.push(Buffer.from(value).toString('hex'));
            delta.replay(decodeMetadataRecord(value));
          }
        }
        const image = delta.apply({ offset: id.endOffset - 1, epoch: id.epoch, appendTimeMs: 0, isBatchAligned: true });
        expect([...snapshotRecords(image)].map(hexOf)).to.have.members(values);
      }
    });

    it('comes to the same state from the log alone as from the latest snapshot and what follows it', () => {
      const files = new SnapshotFiles(world.disk, '/data/__cluster_metadata-0');
      const whole = new World(2, expected.readAtMs);
      unpack(new URL(archive, fixtures), whole.disk, '/data');
      for (const { endOffset, epoch: fileEpoch } of files.all) {
        if (endOffset === 0) continue;
        const path = `${String(endOffset).padStart(20, '0')}-${String(fileEpoch).padStart(10, '0')}.checkpoint`;
        if (whole.disk.existsSync(`/data/__cluster_metadata-0/${path}`))
          whole.disk.removeSync(`/data/__cluster_metadata-0/${path}`);
      }
      return whole.open().then((fromLog) => {
        const fromLogOnly = stateOf(fromLog.loader.image);
        for (const [index, text] of stateOf(node.loader.image).entries()) expect(fromLogOnly[index]).to.equal(text);
      });
    });

    it('serves: the broker joins, and every partition gets its leader and a higher epoch', async () => {
      const previousEpoch = name === 'clean' ? 13 : -1;
      await world.run(node.join(previousEpoch));
      expect(node.faults).to.deep.equal([]);
      for (const topic of node.loader.image.topics.byId.values()) {
        for (const partition of topic.partitions) {
          expect(partition.leader).to.equal(1);
          expect(partition.isr).to.deep.equal([1]);
          expect(partition.leaderEpoch).to.equal(name === 'clean' ? 2 : 4 - (isNew(topic.name) ? 2 : 0));
        }
      }
      await world.run(node.createTopic('after'));
      expect(node.loader.image.topics.byName.get('after')?.partitions[0]?.leader).to.equal(1);
    });
  });
}

/** Made after the clean stop. */
const isNew = (topic: string): boolean => topic === 'crash-load';

/** As text; the features of a broker are a set, which Kafka writes in another order each time. */
function stateOf(image: MetadataImage): string[] {
  const sorted = (key: string, value: unknown) =>
    key === 'features' && Array.isArray(value) ? value.map((feature) => JSON.stringify(feature)).sort() : value;
  return [...snapshotRecords(image)].map((record) => JSON.stringify(record, sorted)).sort();
}

const hexOf = (record: MetadataRecord): string => encodeMetadataRecord(record).toString('hex');
