// M8: each voter of a quorum of both kinds is removed and added again (KIP-853), and leaders are killed in between; kraft.version is
// raised where the voters stood in the configuration before.

import { same } from '../../suite.ts';
import { later, type MixedWorld, OUTPUT } from './mixed-world.ts';

export async function votersChange(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  await world.healed(OUTPUT);
  for (const node of cluster.nodes) {
    const voter = await voterOf(world, node.id);
    const at = ['--bootstrap-server', cluster.bootstrap];
    const key = ['--controller-id', String(node.id), '--controller-directory-id', voter];
    await asked(world, [...at, 'remove-controller', ...key], node.id, /Observer/);
    await later(1_000);
    await asked(world, ['--command-config', node.settings, ...at, 'add-controller'], node.id, /Leader|Follower/);
    await world.killAndRestart(await world.activeController(), 1_000);
  }
  await world.until('one leader and its followers', async () => {
    const states = (await replicaRows(world)).map(([id, , , , , , state]) => `${id} ${state}`);
    const { id: leader } = await world.activeController();
    const wanted = cluster.nodes.map(({ id }) => `${id} ${id === leader ? 'Leader' : 'Follower'}`);
    same(states.sort(), wanted.sort(), 'the quorum as kafka-metadata-quorum tells it');
    return true;
  });
}

/** kafka-features upgrade, which takes a leader that has heard of the directory of each voter. */
export async function kraftVersionRises(world: MixedWorld): Promise<void> {
  const at = ['--bootstrap-server', world.cluster.bootstrap];
  const isRaised = async () =>
    /kraft\.version\s.*FinalizedVersionLevel: 1\b/.test(await world.tool('FeatureCommand', [...at, 'describe']));
  same(await isRaised(), false, 'whether kraft.version is 1 before it is raised');
  await world.until('kraft.version 1', async () => {
    if (!(await isRaised())) await world.tool('FeatureCommand', [...at, 'upgrade', '--feature', 'kraft.version=1']);
    return isRaised();
  });
}

/** A change of the voters that was not answered in time may have been made: who asks looks, and asks again. */
async function asked(world: MixedWorld, args: readonly string[], id: number, wanted: RegExp): Promise<void> {
  await world.until(`node ${id} ${wanted.source}`, async () => {
    if (wanted.test(await replication(world, id))) return true;
    await world.tool('MetadataQuorumCommand', args);
    return wanted.test(await replication(world, id));
  });
}

/** Leader, Follower or Observer. */
async function replication(world: MixedWorld, id: number): Promise<string> {
  return (await replicaRow(world, id))[6] ?? '';
}
async function voterOf(world: MixedWorld, id: number): Promise<string> {
  return (await replicaRow(world, id))[1] ?? '';
}
async function replicaRow(world: MixedWorld, id: number): Promise<string[]> {
  return (await replicaRows(world)).find(([nodeId]) => nodeId === String(id)) ?? [];
}

/** Node, directory, where its log ends, how far it is behind, two times, and what it is. */
async function replicaRows(world: MixedWorld): Promise<string[][]> {
  const args = ['--bootstrap-server', world.cluster.bootstrap, 'describe', '--replication'];
  const text = await world.tool('MetadataQuorumCommand', args);
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([id = '']) => /^\d+$/.test(id));
}
