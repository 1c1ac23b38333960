// Three nodes, RF 3, min.insync.replicas 2: how long a producer of single records with acks=all hears nothing when the leader of
// its partition is struck, and what replicated bytes cost all three nodes together.

import { join } from 'node:path';
import { Cluster, type ClusterNode, type NodeKind } from '../conformance/targets/cluster.ts';
import type { KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { buildBatch } from '../conformance/wire/record-batch.ts';
import { createTopics, deleteTopics, produce, quorumLeader } from '../conformance/wire/requests.ts';
import { later } from './alone.ts';
import { APACHE_FLAGS } from './contenders.ts';
import { type Drivers, produceLarge } from './drivers.ts';
import { cpuSeconds, residentMegabytes } from './process-cost.ts';

/** Milliseconds of silence. */
export interface FailoverFigures {
  readonly contender: NodeKind;
  readonly killedMs: number;
  readonly killedControllerMs: number;
  /** Paused: to the others as good as cut off. */
  readonly cutOffMs: number;
  readonly restartedMs: number;
  /** Another node was killed a second before the leader, and is started again as soon as the leader is dead too. */
  readonly secondDownMs: number;
  /** Produce of 1 KB, acks=all, over all three nodes. */
  readonly cpuSecondsPerGigabyte: number;
  readonly megabytesPerSecond: number;
  /** Of the three together, after the load. */
  readonly residentMegabytes: number;
}

export interface FailoverTools {
  readonly jars: KafkaJars | string;
  readonly drivers: Drivers;
  readonly megabytes: number;
  readonly nodeFlags: readonly string[];
}

const TOPIC = 'probe';
const PARTITIONS = 6;
const BEFORE_MS = 2_000;
const AFTER_MS = 25_000;
const ANSWER_LIMIT_MS = 1_000;
const RETRY_MS = 10;
/** Between the ends of two nodes. */
const BETWEEN_MS = 1_000;
const LOAD_ROUNDS = 3;

/** A string says why the contender is left out. */
export async function failoverFigures(
  contender: NodeKind,
  directory: string,
  tools: FailoverTools,
): Promise<FailoverFigures | string> {
  const { jars, nodeFlags } = tools;
  if (contender === 'apache' && typeof jars === 'string') return jars;
  const cluster = await Cluster.start({
    nodes: [1, 2, 3].map((id) => ({ id, kind: contender })),
    directory: join(directory, `failover-${contender}`),
    jars,
    quorum: 'static',
    javaFlags: APACHE_FLAGS,
    nodeFlags,
  });
  try {
    await onCluster(cluster, (c) => createTopics(c, [{ name: TOPIC, partitions: PARTITIONS, replicas: 3 }]));
    const load = await replicatedLoad(cluster, tools);
    const killedMs = await struck(cluster, false, (node) => node.kill());
    const killedControllerMs = await struck(cluster, true, (node) => node.kill());
    const cutOffMs = await struck(cluster, false, async (node) => node.pause());
    const restartedMs = await struck(cluster, false, async (node) => {
      await node.stop();
      node.start();
    });
    const secondDownMs = await struck(cluster, false, async (node, second) => {
      await second.kill();
      await later(BETWEEN_MS);
      await node.kill();
      second.start();
    });
    return { contender, killedMs, killedControllerMs, cutOffMs, restartedMs, secondDownMs, ...load };
  } finally {
    await cluster.kill();
  }
}

async function onCluster<T>(cluster: Cluster, action: (connection: WireConnection) => Promise<T>): Promise<T> {
  const connection = await WireConnection.open((cluster.brokers[0] as ClusterNode).bootstrap);
  return action(connection).finally(() => connection.close());
}

type Load = Pick<FailoverFigures, 'cpuSecondsPerGigabyte' | 'megabytesPerSecond' | 'residentMegabytes'>;

/** The best of some rounds, behind one that does not count. */
async function replicatedLoad(cluster: Cluster, { drivers, megabytes }: FailoverTools): Promise<Load> {
  const cpu = (): number => cluster.nodes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const valueBytes = 1_000;
  const count = (megabytes * 1e6) / valueBytes;
  let best = { cpuSecondsPerGigabyte: Number.POSITIVE_INFINITY, megabytesPerSecond: 0 };
  for (let round = 0; round <= LOAD_ROUNDS; round++) {
    const topic = `load-${round}`;
    const configs = { 'file.delete.delay.ms': '0' };
    await onCluster(cluster, (c) => createTopics(c, [{ name: topic, partitions: 1, replicas: 3, configs }]));
    await cluster.serving([topic]);
    const before = cpu();
    const { megabytesPerSecond } = await produceLarge(
      drivers,
      { bootstrap: cluster.bootstrap, topic, valueBytes, count },
      -1,
    );
    const cpuSecondsPerGigabyte = ((cpu() - before) * 1_000) / megabytes;
    await onCluster(cluster, (c) => deleteTopics(c, [topic]));
    if (round > 0 && cpuSecondsPerGigabyte < best.cpuSecondsPerGigabyte)
      best = { cpuSecondsPerGigabyte, megabytesPerSecond };
  }
  const resident = cluster.nodes.reduce((sum, { pid }) => sum + residentMegabytes(pid), 0);
  return { ...best, residentMegabytes: resident };
}

/**
 * The silence of a producer whose leader is struck; the node is back, and in every ISR, when this resolves. `second` is another
 * node, and not the active controller.
 */
async function struck(
  cluster: Cluster,
  isController: boolean,
  strike: (node: ClusterNode, second: ClusterNode) => Promise<void>,
): Promise<number> {
  await cluster.serving([TOPIC]);
  const { node, partition, active } = await victim(cluster, isController);
  const others = cluster.brokers.filter((one) => one !== node);
  others.sort((one, other) => Number(other.id === active) - Number(one.id === active));
  const prober = new Prober(cluster, others, partition);
  const probing = prober.run();
  await later(BEFORE_MS);
  prober.beginSilence();
  await strike(node, others.at(-1) as ClusterNode);
  await prober.heardOrAfter(AFTER_MS);
  prober.end();
  await probing;
  await backAgain(cluster, node);
  return Math.round(prober.longestSilenceMs);
}

async function backAgain(cluster: Cluster, node: ClusterNode): Promise<void> {
  if (node.isRunning) node.resume();
  else node.start();
  await cluster.serving([TOPIC]);
}

/** A node that leads a partition, and is or is not the active controller. */
async function victim(
  cluster: Cluster,
  isController: boolean,
): Promise<{ readonly node: ClusterNode; readonly partition: number; readonly active: number }> {
  const active = await onCluster(cluster, quorumLeader);
  const { topics } = await cluster.metadata([TOPIC]);
  const found = topics[0]?.partitions.find(({ leader }) => leader >= 0 && (leader === active) === isController);
  if (found === undefined) throw new Error('no partition is led by such a node');
  return { node: cluster.node(found.leader), partition: found.index, active };
}

/** One record at a time to one partition, sent again to whoever leads it now when there is no answer. */
class Prober {
  longestSilenceMs = 0;
  readonly #cluster: Cluster;
  readonly #others: readonly ClusterNode[];
  readonly #partition: number;
  readonly #batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(100) }], timestamp: Date.now() });
  #leader = -1;
  #connection: WireConnection | undefined;
  #lastHeardAt = 0;
  #isCounting = false;
  #heardSinceStrike = 0;
  #isOver = false;

  /** @param others brokers that are not struck. */
  constructor(cluster: Cluster, others: readonly ClusterNode[], partition: number) {
    this.#cluster = cluster;
    this.#others = others;
    this.#partition = partition;
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#probe();
        this.#heard();
      } catch {
        await this.#forgetLeader();
        await later(RETRY_MS);
      }
    }
    await this.#forgetLeader();
  }

  beginSilence(): void {
    this.#isCounting = true;
  }

  /** Resolves some seconds after records are acknowledged again: a second silence would count as well. */
  async heardOrAfter(limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    // What was heard while the strike was under way says nothing of what comes behind it.
    this.#heardSinceStrike = 0;
    while (performance.now() < deadline && this.#heardSinceStrike < 2_000) await later(50);
  }

  end(): void {
    this.#heard();
    this.#isOver = true;
  }

  #heard(): void {
    const now = performance.now();
    if (this.#isCounting) {
      this.longestSilenceMs = Math.max(this.longestSilenceMs, now - this.#lastHeardAt);
      this.#heardSinceStrike++;
    }
    this.#lastHeardAt = now;
  }

  async #probe(): Promise<void> {
    const connection = await this.#leaderConnection();
    const to = { topic: TOPIC, partition: this.#partition, acks: -1 };
    const { errorCode } = await produce(connection, to, this.#batch, ANSWER_LIMIT_MS);
    if (errorCode !== 0) throw new Error(`produce: error ${errorCode}`);
  }

  async #leaderConnection(): Promise<WireConnection> {
    if (this.#connection !== undefined && !this.#connection.isClosed) return this.#connection;
    const { topics } = await this.#cluster.metadata([TOPIC], this.#others);
    this.#leader = topics[0]?.partitions.find(({ index }) => index === this.#partition)?.leader ?? -1;
    if (this.#leader < 0) throw new Error('no leader');
    this.#connection = await WireConnection.open(this.#cluster.node(this.#leader).bootstrap, ANSWER_LIMIT_MS);
    return this.#connection;
  }

  async #forgetLeader(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}
