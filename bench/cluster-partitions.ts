// Three nodes with ten topics of a thousand partitions, three replicas each: made, at rest, and with a node stopped in order,
// killed, and started again each time. First a node that is not the active controller, then the one that is.

import { join } from 'node:path';
import { Cluster, type ClusterNode } from '../conformance/targets/cluster.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { createTopics, listOffset, metadata, type PartitionInfo, quorumLeader } from '../conformance/wire/requests.ts';
import { later } from './alone.ts';
import { cpuSeconds, residentMegabytes } from './process-cost.ts';

/** Milliseconds; of what happens twice, the longer one. */
export interface ClusterPartitions {
  /** Until every partition is served by its leader, and every node knows of all of them. */
  readonly createMs: number;
  /** CPU of the three together while nothing happens, as a share of one core. */
  readonly idleShare: number;
  /** Until another node leads what the node that stops in order has led. */
  readonly movedMs: number;
  /** Until its process has ended. */
  readonly stopMs: number;
  /** From the start of the process until it is in every ISR: after a stop in order, and at once after a kill. */
  readonly restartMs: number;
  readonly restartAfterKillMs: number;
  /** Of the three together, at the end. */
  readonly residentMegabytes: number;
}

const TOPICS = Array.from({ length: 10 }, (_, i) => `wide-${i}`);
const PARTITIONS = 1_000;
const REPLICAS = 3;
const SETTLE_MS = 6_000;
const IDLE_MS = 10_000;
const LOOK_EVERY_MS = 50;
const LONGEST_MS = 120_000;

export async function clusterPartitions(
  directory: string,
  nodeFlags: readonly string[],
  say: (line: string) => void = () => undefined,
): Promise<ClusterPartitions> {
  const cluster = await Cluster.start({
    nodes: [1, 2, 3].map((id) => ({ id, kind: 'ottla' })),
    directory: join(directory, 'cluster-partitions'),
    jars: 'not asked for',
    quorum: 'static',
    nodeFlags,
  });
  try {
    const createMs = await timed(cluster, say, 'created', () => create(cluster));
    await later(SETTLE_MS);
    const before = cpuOf(cluster);
    await later(IDLE_MS);
    const idleShare = (cpuOf(cluster) - before) / (IDLE_MS / 1_000);
    say(`idle: ${(idleShare * 100).toFixed(1)} % of a core`);
    const active = await asked(cluster.nodes[0] as ClusterNode, quorumLeader);
    const other = cluster.nodes.find(({ id }) => id !== active) as ClusterNode;
    const one = await stoppedAndKilled(cluster, other, say);
    const two = await stoppedAndKilled(cluster, cluster.node(active), say);
    return {
      createMs,
      idleShare,
      movedMs: Math.max(one.movedMs, two.movedMs),
      stopMs: Math.max(one.stopMs, two.stopMs),
      restartMs: Math.max(one.restartMs, two.restartMs),
      restartAfterKillMs: Math.max(one.restartAfterKillMs, two.restartAfterKillMs),
      residentMegabytes: cluster.nodes.reduce((sum, { pid }) => sum + residentMegabytes(pid), 0),
    };
  } finally {
    // All at once they have no quorum to let them go; but who is killed writes no profile.
    await (nodeFlags.length === 0 ? cluster.kill() : cluster.stop());
  }
}

async function create(cluster: Cluster): Promise<void> {
  const connection = await WireConnection.open((cluster.nodes[0] as ClusterNode).bootstrap);
  try {
    const asTopic = (name: string) => ({ name, partitions: PARTITIONS, replicas: REPLICAS });
    await Promise.all(TOPICS.map((name) => createTopics(connection, [asTopic(name)])));
  } finally {
    await connection.close();
  }
  for (const node of cluster.nodes) await until(node, ({ leader, isr }) => leader >= 0 && isr.length === REPLICAS);
  for (const node of cluster.nodes) await asked(node, (connection) => served(connection, node.id));
}

/** Each partition that the node leads tells where it ends. */
async function served(connection: WireConnection, nodeId: number): Promise<void> {
  const { topics } = await metadata(connection, TOPICS);
  for (const { name, partitions } of topics) {
    const led = partitions.filter(({ leader }) => leader === nodeId);
    const answers = await Promise.all(
      led.map(({ index }) => listOffset(connection, { topic: name ?? '', partition: index, timestamp: -1 })),
    );
    const refused = answers.find(({ errorCode }) => errorCode !== 0);
    if (refused !== undefined) throw new Error(`a partition is not served by its leader: error ${refused.errorCode}`);
  }
}

type Strikes = Pick<ClusterPartitions, 'movedMs' | 'stopMs' | 'restartMs' | 'restartAfterKillMs'>;

async function stoppedAndKilled(cluster: Cluster, node: ClusterNode, say: (line: string) => void): Promise<Strikes> {
  const witness = cluster.nodes.find((one) => one !== node) as ClusterNode;
  const back = async (): Promise<void> => {
    node.start();
    // After a kill the others have to take note of it first.
    await until(witness, ({ isr }) => !isr.includes(node.id), TOPICS.slice(0, 1));
    await until(witness, ({ isr }) => isr.includes(node.id));
  };
  let stopMs = 0;
  const startedAt = performance.now();
  const stopping = node.stop().then(() => (stopMs = Math.round(performance.now() - startedAt)));
  const movedMs = await timed(cluster, say, `leaderships of node ${node.id} moved`, () =>
    until(witness, ({ leader }) => leader >= 0 && leader !== node.id),
  );
  await stopping;
  say(`node ${node.id} stopped: ${stopMs} ms`);
  await later(SETTLE_MS);
  const restartMs = await timed(cluster, say, `node ${node.id} back after a stop`, back);
  await later(SETTLE_MS);
  await node.kill();
  const restartAfterKillMs = await timed(cluster, say, `node ${node.id} back after a kill`, back);
  await later(SETTLE_MS);
  return { movedMs, stopMs, restartMs, restartAfterKillMs };
}

/** Looks at one topic after another, so that the looking costs little. */
async function until(
  node: ClusterNode,
  isDone: (partition: PartitionInfo) => boolean,
  topics: readonly string[] = TOPICS,
): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  await asked(node, async (connection) => {
    for (const name of topics) {
      for (;;) {
        const [topic] = (await metadata(connection, [name])).topics;
        if (topic?.partitions.length === PARTITIONS && topic.partitions.every(isDone)) break;
        if (performance.now() > deadline) throw new Error(`${name} does not come to rest in ${LONGEST_MS} ms`);
        await later(LOOK_EVERY_MS);
      }
    }
  });
}

async function asked<T>(node: ClusterNode, action: (connection: WireConnection) => Promise<T>): Promise<T> {
  const connection = await WireConnection.open(node.bootstrap);
  return action(connection).finally(() => connection.close());
}

const cpuOf = ({ nodes }: Cluster): number =>
  nodes.reduce((sum, node) => sum + (node.isRunning ? cpuSeconds(node.pid) : 0), 0);

async function timed(
  cluster: Cluster,
  say: (line: string) => void,
  what: string,
  action: () => Promise<void>,
): Promise<number> {
  const cpu = (): Map<number, number> =>
    new Map(cluster.nodes.flatMap((node) => (node.isRunning ? [[node.id, cpuSeconds(node.pid)] as const] : [])));
  const before = cpu();
  const startedAt = performance.now();
  await action();
  const elapsedMs = Math.round(performance.now() - startedAt);
  const spent = [...cpu()].map(([id, seconds]) => `node ${id} ${(seconds - (before.get(id) ?? 0)).toFixed(2)} s`);
  say(`${what}: ${elapsedMs} ms (CPU: ${spent.join(', ')})`);
  return elapsedMs;
}
