// M8: each voter of a quorum of both kinds is removed and added again (KIP-853), and leaders are killed in between.

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
  const args = ['--bootstrap-server', world.cluster.bootstrap, 'describe', '--replication'];
  const text = await world.tool('MetadataQuorumCommand', args);
  return (text.split('\n').find((line) => line.startsWith(`${id}\t`) || line.startsWith(`${id} `)) ?? '')
    .trim()
    .split(/\s+/);
}
