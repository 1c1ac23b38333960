// M4, M6 and M9: what brokers of both kinds go through while records are copied.

import { that } from '../../suite.ts';
import { WireConnection } from '../../wire/connection.ts';
import { createTopics } from '../../wire/requests.ts';
import { INPUT, later, type MixedWorld } from './mixed-world.ts';

const OFFSETS = '__consumer_offsets';
const TRANSACTIONS = '__transaction_state';
/** How long each broker coordinates. */
const TERM_MS = 10_000;

export async function brokersInTrouble(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  await world.healed(INPUT);
  for (const node of cluster.brokers) await world.killAndRestart(node);
  for (const node of cluster.brokers) await world.restart(node);
  const topics = [INPUT, OFFSETS, TRANSACTIONS];
  // Each partition leaves a broker, and comes back to it.
  await world.reassign(topics, (partition) => brokersFrom(world, partition).slice(1));
  await world.reassign(topics, (partition) => brokersFrom(world, partition));
  await world.electPreferred(topics);
  await createdByEach(world);
  await featuresChange(world);
}

/** Each broker coordinates everything for a while, and gives it to the next one, of the other kind. */
export async function coordinatorsMove(world: MixedWorld): Promise<void> {
  const topics = [OFFSETS, TRANSACTIONS];
  for (const topic of topics) await world.healed(topic);
  for (let turn = 1; turn <= 2 * world.cluster.brokers.length; turn++) {
    world.progress(`coordinators move: ${turn}`);
    await world.reassign(topics, () => brokersFrom(world, turn));
    await world.electPreferred(topics);
    await later(TERM_MS);
  }
}

/** All brokers, this one in the order of their ids first. */
function brokersFrom({ cluster }: MixedWorld, first: number): number[] {
  const ids = cluster.brokers.map(({ id }) => id);
  return ids.map((_, index) => ids[(first + index) % ids.length] as number);
}

/** Each broker passes on to the controller what it is asked. */
async function createdByEach(world: MixedWorld): Promise<void> {
  for (const { id, bootstrap } of world.cluster.brokers) {
    const name = `created-by-${id}`;
    const connection = await WireConnection.open(bootstrap);
    await createTopics(connection, [{ name, partitions: 3, replicas: 3 }]).finally(() => connection.close());
    await world.healed(name);
  }
}

/** kafka-features: a level goes down and up again, and one that no node has is refused. */
async function featuresChange(world: MixedWorld): Promise<void> {
  const at = ['--bootstrap-server', world.cluster.bootstrap];
  const set = async (verb: string, level: number) => {
    await world.tool('FeatureCommand', [...at, verb, '--feature', `streams.version=${level}`]);
    const isSet = new RegExp(`streams\\.version\\s.*FinalizedVersionLevel: ${level}\\b`);
    await world.until(`streams.version ${level}`, async () =>
      isSet.test(await world.tool('FeatureCommand', [...at, 'describe'])),
    );
  };
  await set('downgrade', 0);
  await set('upgrade', 1);
  const isRefused = await set('upgrade', 99).then(
    () => false,
    () => true,
  );
  that(isRefused, 'streams.version 99 was accepted');
}
