// Directories of every metadata.version that Apache Kafka 4.3.1 starts on, formatted and used by it: they start here, keep their
// level, and get records of that level only. How they are raised: metadata-level-changes.test.ts.
import { expect } from 'chai';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  MetadataDelta,
  MetadataImage,
  snapshotRecords,
} from '../../../src/kraft/metadata/index.ts';
import { SnapshotFiles } from '../../../src/kraft/raft/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { RawClient } from '../raw-client.ts';
import {
  checkVersions,
  closeAll,
  createTopic,
  Directory,
  finalized,
  FIRST_WITH_CONTROLLERS,
  LEVELS,
  metadataLog,
  produce,
  valuesOf,
  withClient,
} from './kafka-levels.ts';

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
