// A cluster of both kinds under load, what is done to it, and what has to hold in the end: every input copied once, all replicas
// equal, and no fault told by any node of Apache Kafka.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { same, type SuiteContext, that } from '../../suite.ts';
import { Cluster, type ClusterNode, type ClusterPlan, type NodeKind, PATIENCE_MS } from '../../targets/cluster.ts';
import { PATIENT_QUORUM } from '../../targets/three-nodes.ts';
import { archiveTools, type KafkaJars, runTool } from '../../toolchain/kafka-jars.ts';
import { WireConnection } from '../../wire/connection.ts';
import { type PartitionInfo, quorumLeader } from '../../wire/requests.ts';
import { CopyJob } from '../copy-job.ts';

const TOOLS = 'org.apache.kafka.tools';
const CHECK_SECONDS = PATIENCE_MS / 1_000;
/** Who is told to be patient (OTTLA_PATIENCE_MS) has a busy machine, on which JVMs elect nobody within a second. */
const QUORUM = process.env['OTTLA_PATIENCE_MS'] === undefined ? {} : PATIENT_QUORUM;
export const INPUT = 'copy-input';
export const OUTPUT = 'copy-output';
/** To judge the judge: the same on nodes of one kind. */
const ONLY_KIND = process.env['OTTLA_MIXED_KIND'] as NodeKind | undefined;
/** What KRaft's fault handlers, which count the errors of loading and applying metadata, and failed invariants leave in a log. */
const FAULT = /FaultHandler|Encountered .*fault|IllegalStateException|FATAL/;

export interface MixedTools {
  readonly context: SuiteContext;
  readonly jars: KafkaJars;
  /** Of Apache Kafka's nodes. */
  readonly javaFlags: readonly string[];
  readonly python: string;
}

export const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class MixedWorld {
  readonly cluster: Cluster;
  readonly #tools: MixedTools;

  constructor(cluster: Cluster, tools: MixedTools) {
    this.cluster = cluster;
    this.#tools = tools;
  }

  /** Starts the cluster, runs `body` on it, and ends it however that ends; faults in the logs fail it. */
  static async with(
    tools: MixedTools,
    plan: Omit<ClusterPlan, 'jars' | 'directory' | 'javaFlags'> & { readonly name: string },
    body: (world: MixedWorld) => Promise<void>,
  ): Promise<void> {
    const { context, jars, javaFlags } = tools;
    const directory = join(context.scratch, plan.name);
    const properties = { ...QUORUM, ...plan.properties };
    const nodes = plan.nodes.map((node) => ({ ...node, kind: ONLY_KIND ?? node.kind }));
    let cluster: Cluster | undefined;
    try {
      cluster = await Cluster.start({ ...plan, nodes, properties, directory, jars, javaFlags });
      await archiveTools(jars, cluster.bootstrap);
      const world = new MixedWorld(cluster, tools);
      await body(world);
      await cluster.stop();
      world.checkFaults();
    } catch (error) {
      await cluster?.kill();
      const kept = join(context.scratch, '..', `failed-${plan.name}`);
      rmSync(kept, { recursive: true, force: true });
      renameSync(directory, kept);
      context.progress(`directories and logs of the nodes: ${kept}`);
      throw error;
    }
  }

  /** Copies records while `trouble` goes on: every input comes out once, and all replicas are equal in the end. */
  async copyingDuring(records: number, seconds: number, trouble: () => Promise<void>): Promise<void> {
    const job = new CopyJob(this.#tools.python, records, {
      logs: this.cluster.plan.directory,
      progress: (line) => this.progress(line),
    });
    try {
      const fed = job.feed(this.cluster.bootstrap, seconds, Math.min(3, this.cluster.brokers.length));
      // Told when it is awaited.
      fed.catch(() => undefined);
      await this.topicMade(OUTPUT);
      await trouble();
      await fed;
      await job.check(CHECK_SECONDS);
    } finally {
      job.end();
    }
    await this.cluster.serving([INPUT, OUTPUT]);
    for (const topic of [INPUT, OUTPUT]) await this.sameReplicas(topic);
  }

  async topicMade(topic: string): Promise<void> {
    await this.until(`topic ${topic}`, async () => (await this.partitions(topic)).length > 0);
  }

  async partitions(topic: string): Promise<readonly PartitionInfo[]> {
    const { topics } = await this.cluster.metadata([topic]);
    return topics[0]?.errorCode === 0 ? (topics[0]?.partitions ?? []) : [];
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let reason = '';
    while (Date.now() < deadline) {
      try {
        if (await isSo()) return;
        reason = '';
      } catch (error) {
        reason = String(error);
      }
      await later(200);
    }
    const logs = this.cluster.nodes.map(({ id, log }) => `--- node ${id}\n${log.slice(-800)}`).join('\n');
    throw new Error(`it did not come to this: ${what} ${reason}\n${logs}`);
  }

  /** Every partition of `topic` has all replicas in sync again. */
  async healed(topic: string): Promise<void> {
    await this.until(`all replicas of ${topic} in sync`, async () => {
      const partitions = await this.partitions(topic);
      return (
        partitions.length > 0 &&
        partitions.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length)
      );
    });
  }

  /** As the brokers know it; a node that votes again may have to be waited for. */
  async activeController(): Promise<ClusterNode> {
    let found: ClusterNode | undefined;
    await this.until('an active controller', async () => {
      found = undefined;
      let reason: unknown;
      // A broker of Apache Kafka may go on asking a former leader of the quorum, which refuses: others know better.
      for (const { bootstrap } of this.cluster.brokers) {
        try {
          const connection = await WireConnection.open(bootstrap, 2_000);
          const id = await quorumLeader(connection).finally(() => connection.close());
          found = this.cluster.node(id);
          if (found.isRunning) return true;
        } catch (error) {
          reason = error;
        }
      }
      if (found === undefined) throw reason;
      return false;
    });
    return found as ClusterNode;
  }

  progress(line: string): void {
    this.#tools.context.progress(line);
  }

  async killAndRestart(node: ClusterNode, downMs = 3_000): Promise<void> {
    this.progress(`kill -9 of node ${node.id} (${node.plan.kind})`);
    await node.kill();
    await later(downMs);
    node.start();
    await this.back(node);
  }

  async restart(node: ClusterNode): Promise<void> {
    this.progress(`orderly restart of node ${node.id} (${node.plan.kind})`);
    await node.stop();
    node.start();
    await this.back(node);
  }

  /** It serves, and is in every ISR of what is copied. */
  async back(node: ClusterNode): Promise<void> {
    if (node.isBroker) await this.cluster.serving([], [node]);
    for (const topic of [INPUT, OUTPUT]) if ((await this.partitions(topic)).length > 0) await this.healed(topic);
  }

  async tool(main: string, args: readonly string[]): Promise<string> {
    const finished = await runTool(this.#tools.jars, `${TOOLS}.${main}`, args, { timeoutMs: PATIENCE_MS });
    that(
      finished.status === 0,
      `${main} ${args.join(' ')}: ${finished.stdout.slice(-800)} ${finished.stderr.slice(-800)}`,
    );
    return finished.stdout;
  }

  /** kafka-reassign-partitions, to its end. */
  async reassign(topics: readonly string[], replicasOf: (partition: number) => readonly number[]): Promise<void> {
    const partitions: object[] = [];
    for (const topic of topics) {
      const known = await this.partitions(topic);
      partitions.push(...known.map(({ index }) => ({ topic, partition: index, replicas: replicasOf(index) })));
    }
    const file = this.#written('reassign.json', { version: 1, partitions });
    const args = ['--bootstrap-server', this.cluster.bootstrap, '--reassignment-json-file', file];
    await this.tool('reassign.ReassignPartitionsCommand', [...args, '--execute']);
    for (const topic of topics) {
      await this.until(`reassignment of ${topic}`, async () => {
        const now = await this.partitions(topic);
        return now.every(({ index, replicas }) => isSameList(replicas, replicasOf(index)));
      });
      await this.healed(topic);
    }
  }

  /** kafka-leader-election --election-type preferred: afterwards each partition is led by its first replica. */
  async electPreferred(topics: readonly string[]): Promise<void> {
    const partitions: object[] = [];
    for (const topic of topics) {
      await this.healed(topic);
      partitions.push(...(await this.partitions(topic)).map(({ index }) => ({ topic, partition: index })));
    }
    const file = this.#written('election.json', { partitions });
    const args = ['--bootstrap-server', this.cluster.bootstrap, '--election-type', 'preferred'];
    const areLed = async (topic: string) =>
      (await this.partitions(topic)).every(({ leader, replicas }) => leader === replicas[0]);
    // A follower that was slow for a moment may have left the ISR just then, and is not elected.
    await this.until(`preferred leaders of ${topics.join()}`, async () => {
      await this.tool('LeaderElectionCommand', [...args, '--path-to-json-file', file]);
      return (await Promise.all(topics.map(areLed))).every(Boolean);
    });
  }

  #written(name: string, content: object): string {
    const file = join(this.#tools.context.scratch, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  /** The records of all replicas are equal, byte for byte, wherever their segments begin. */
  async sameReplicas(topic: string): Promise<void> {
    for (const { index, replicas } of await this.partitions(topic)) {
      await this.until(`equal replicas of ${topic}-${index}`, async () => {
        const logs = replicas.map((id) => recordsOf(join(this.cluster.node(id).dataDirectory, `${topic}-${index}`)));
        return logs.every((log) => log.equals(logs[0] as Buffer));
      });
    }
  }

  checkFaults(): void {
    // Also of nodes of ours: their directories may have been served by the other program for a while.
    for (const { id, log } of this.cluster.nodes) {
      const lines = log.split('\n').filter((line) => FAULT.test(line));
      same(lines.slice(0, 3), [], `faults in the log of node ${id}`);
    }
  }
}

function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function recordsOf(directory: string): Buffer {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return Buffer.concat(names.sort().map((name) => readFileSync(join(directory, name))));
}
