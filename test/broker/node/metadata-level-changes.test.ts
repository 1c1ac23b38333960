// Levels of metadata.version and kraft.version are raised and lowered as by Apache Kafka 4.3.1, in directories that it has used.
import { expect } from 'chai';
import { UpdateFeatures } from '../../../src/protocol/messages/57-update-features.ts';
import { eventually } from '../live-broker.ts';
import type { RawClient } from '../raw-client.ts';
import {
  checkVersions,
  closeAll,
  createTopic,
  Directory,
  finalized,
  FIRST_WITH_CONTROLLERS,
  LEVELS,
  metadataLog,
  valuesOf,
  withClient,
} from './kafka-levels.ts';

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
