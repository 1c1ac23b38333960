// M6: what brokers of Apache Kafka go through with controllers of Ottla.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { same, that } from '../../suite.ts';
import { later, type MixedWorld } from './mixed-world.ts';

const TOPICS = 6;
const PARTITIONS = Number(process.env['OTTLA_MIXED_PARTITIONS'] ?? 600) / TOPICS;
/** Controllers let old metadata go once a minute. */
const CLEANED_AFTER_MS = 65_000;
const FETCHES_SNAPSHOT = /Fetching snapshot .* from Fetch response/;

/** Topics are created while the active controller is killed: each is there with all its partitions, or not at all. */
export async function topicsDuringFailOver(world: MixedWorld): Promise<void> {
  for (let at = 0; at < TOPICS; at++) {
    const topic = `made-${at}`;
    const active = await world.activeController();
    const making = create(world, topic);
    if (at % 2 === 0) {
      await later(1_500);
      await world.killAndRestart(active, 1_000);
    }
    await making.catch(() => undefined);
    await world.until(`topic ${topic}`, async () => {
      const { length } = await world.partitions(topic);
      that(length === 0 || length === PARTITIONS, `${topic} has ${length} partitions of ${PARTITIONS}`);
      if (length === 0) await create(world, topic);
      return length === PARTITIONS;
    });
    await world.healed(topic);
  }
}

async function create(world: MixedWorld, topic: string): Promise<void> {
  const args = ['--bootstrap-server', world.cluster.bootstrap, '--create', '--if-not-exists', '--topic', topic];
  await world.tool('TopicCommand', [...args, '--partitions', String(PARTITIONS), '--replication-factor', '2']);
}

/** A broker that was away for longer than the log of the metadata goes back. */
export async function catchesUpBySnapshot(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  const [stays, goes] = cluster.brokers;
  const [controller] = cluster.nodes;
  if (stays === undefined || goes === undefined || controller === undefined) throw new Error('three nodes are needed');
  await goes.stop();
  for (let at = 0; at < 3; at++) {
    const args = ['--create', '--topic', `missed-${at}`, '--partitions', '200', '--replication-factor', '1'];
    await world.tool('TopicCommand', ['--bootstrap-server', stays.bootstrap, ...args]);
  }
  const metadata = join(controller.dataDirectory, '__cluster_metadata-0');
  await world.until('a snapshot of the metadata', async () =>
    readdirSync(metadata).some(
      (name) => /^\d+-\d+\.checkpoint$/.test(name) && !name.startsWith('00000000000000000000-'),
    ),
  );
  await later(CLEANED_AFTER_MS);
  const from = goes.log.length;
  goes.start();
  await cluster.serving([], [goes]);
  that(FETCHES_SNAPSHOT.test(goes.log.slice(from)), 'the broker has fetched no snapshot');
  const topics = (of: typeof goes) => cluster.metadata(null, [of]).then((info) => info.topics.length);
  same(await topics(goes), await topics(stays), 'topics that it knows');
  await world.tool('TopicCommand', ['--bootstrap-server', goes.bootstrap, '--describe', '--topic', 'missed-2']);
}
