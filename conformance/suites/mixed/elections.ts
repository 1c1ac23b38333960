// M7: nodes of either kind are the active controller at some time, and are killed as that.

import { same } from '../../suite.ts';
import type { ClusterNode } from '../../targets/cluster.ts';
import { WireConnection } from '../../wire/connection.ts';
import { createTopics } from '../../wire/requests.ts';
import { INPUT, later, type MixedWorld } from './mixed-world.ts';

/** In which chance alone says who is elected. */
const TURNS = 4;
const DOWN_MS = 1_000;

export async function eachKindElected(world: MixedWorld): Promise<void> {
  const { nodes } = world.cluster;
  await world.healed(INPUT);
  const kinds = new Set(nodes.map(({ plan }) => plan.kind));
  const elected = new Set<ClusterNode['plan']['kind']>();
  for (let turn = 0; turn < TURNS && elected.size < kinds.size; turn++) {
    const active = await world.activeController();
    elected.add(active.plan.kind);
    await world.killAndRestart(active, DOWN_MS);
  }
  // A node of ours that knows its leader to be gone stands at once, and is refused until a follower of Apache Kafka has waited for
  // its time; that one then stands itself, and is not refused: chance is not even.
  for (const kind of kinds) {
    const heir = nodes.find(({ plan }) => plan.kind === kind);
    if (heir === undefined || elected.has(kind)) continue;
    await inheritedBy(world, heir);
    await world.killAndRestart(heir, DOWN_MS);
  }
  for (const node of nodes) await world.restart(node);
}

/** The active controller is killed while no other voter but `heir`, which does not lead, holds all of the metadata: it is elected. */
async function inheritedBy(world: MixedWorld, heir: ClusterNode): Promise<void> {
  const active = await world.activeController();
  const behind = world.cluster.nodes.find((node) => node !== active && node !== heir);
  if (behind === undefined || active === heir) throw new Error('three voters are needed, of which another one leads');
  world.progress(`node ${heir.id} (${heir.plan.kind}) is to be elected`);
  await behind.kill();
  const connection = await WireConnection.open(heir.bootstrap);
  const missed = { name: `missed-by-${behind.id}`, partitions: 3, replicas: 3 };
  await createTopics(connection, [missed]).finally(() => connection.close());
  await active.kill();
  behind.start();
  await later(DOWN_MS);
  const next = await world.activeController();
  same(next.id, heir.id, 'the node that is elected');
  active.start();
  for (const node of [behind, active]) await world.back(node);
}
