// Several nodes, of Ottla, of Apache Kafka or of both, as processes of their own with one configuration in Kafka's words. Either
// program's own tool formats its directories.

import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execOk } from '../toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { WireConnection } from '../wire/connection.ts';
import { type ClusterInfo, metadata } from '../wire/requests.ts';
import { CLI } from './ottla.ts';
import { freePort, type RunningBroker, running } from './target.ts';

export type NodeKind = 'ottla' | 'apache';
export type NodeRole = 'broker' | 'controller' | 'broker,controller';

export interface NodePlan {
  readonly id: number;
  readonly kind: NodeKind;
  /** Left out: broker and controller. */
  readonly role?: NodeRole;
}

export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  /** Where directories, settings and logs of the nodes stand. */
  readonly directory: string;
  readonly jars: KafkaJars | string;
  /** Of every node, above what makes a cluster; one that is empty is left out. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Of this node alone, above those. */
  readonly propertiesOf?: (node: ClusterNode) => Readonly<Record<string, string>>;
  /** Where clients reach this node; left out, or without an answer: on a free port. */
  readonly portOf?: (id: number) => number | undefined;
  /** Where other nodes are told to reach this one as a controller; left out: on a free port, on which it listens. */
  readonly controllerPortOf?: (id: number) => number;
  /** controller.quorum.voters, or KIP-853's voters in the log. */
  readonly quorum?: 'static' | 'dynamic';
  /** How long all may take to start and be led; left out: a minute and a half. */
  readonly startLimitMs?: number;
  /** For Apache Kafka's nodes. */
  readonly javaFlags?: readonly string[];
  /** In front of Ottla's program. */
  readonly nodeFlags?: readonly string[];
}

const CLUSTER_ID = 'Ottla-conformance-000C';
const TOOL_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
export const JAVA_FLAGS = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC'];
/** Directory ids of the first voters: any, but known when every node is formatted. */
const VOTER_DIRECTORIES = ['AAAAAAAAAAAAAAAAAAAAZQ', 'AAAAAAAAAAAAAAAAAAAAZg', 'AAAAAAAAAAAAAAAAAAAAZw'];
/** How long is waited for what a node or a cluster has to come to; more on a machine that does much beside it. */
export const PATIENCE_MS = Number(process.env['OTTLA_PATIENCE_MS'] ?? 240_000);

export class ClusterNode {
  readonly plan: NodePlan;
  readonly port: number;
  readonly controllerPort: number;
  readonly #cluster: ClusterPlan;
  /** The file with its configuration. */
  readonly settings: string;
  #process: RunningBroker | undefined;

  constructor(cluster: ClusterPlan, plan: NodePlan, ports: readonly [number, number]) {
    this.#cluster = cluster;
    this.plan = plan;
    [this.port, this.controllerPort] = ports;
    this.settings = join(cluster.directory, `node-${plan.id}.properties`);
  }

  get id(): number {
    return this.plan.id;
  }
  get role(): NodeRole {
    return this.plan.role ?? 'broker,controller';
  }
  get isController(): boolean {
    return this.role !== 'broker';
  }
  get isBroker(): boolean {
    return this.role !== 'controller';
  }
  get bootstrap(): string {
    return `127.0.0.1:${this.port}`;
  }
  get isRunning(): boolean {
    return this.#process !== undefined;
  }
  get pid(): number {
    if (this.#process === undefined) throw new Error(`node ${this.id} does not run`);
    return this.#process.pid;
  }
  get dataDirectory(): string {
    return join(this.#cluster.directory, `node-${this.id}`);
  }
  /** All that the node has logged, over all its runs. */
  get log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }
  get #logFile(): string {
    return join(this.#cluster.directory, `node-${this.id}.log`);
  }

  /** Writes its settings, and formats its directory with the tool of its own kind unless told otherwise. */
  async prepare(
    properties: Readonly<Record<string, string>>,
    format: readonly string[],
    tool: NodeKind,
  ): Promise<void> {
    this.configure(properties);
    const flags = ['format', '-t', CLUSTER_ID, '-c', this.settings, ...format];
    if (tool === 'ottla') await execOk(process.execPath, [CLI, ...flags]);
    else await execOk('java', [...javaArguments(this.#jars(), TOOL_FLAGS, 'kafka.tools.StorageTool'), ...flags]);
  }

  /** Writes its settings alone: what it is started with from now on. */
  configure(properties: Readonly<Record<string, string>>): void {
    const set = Object.entries(properties).filter(([, value]) => value !== '');
    writeFileSync(this.settings, set.map(([key, value]) => `${key}=${value}\n`).join(''));
  }

  /** Starts the process, also of the other program; whether it serves is another matter: see `Cluster.serving`. */
  start(kind: NodeKind = this.plan.kind): void {
    const { javaFlags = JAVA_FLAGS, nodeFlags = [] } = this.#cluster;
    const isOurs = kind === 'ottla';
    const command = isOurs ? process.execPath : 'java';
    const args = isOurs
      ? [...nodeFlags, CLI, 'start', '--config', this.settings]
      : [...javaArguments(this.#jars(), ['-Dottla.log.level=INFO', ...javaFlags], 'kafka.Kafka'), this.settings];
    const env = { ...process.env };
    delete env['NODE_EXTRA_CA_CERTS'];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const log = createWriteStream(this.#logFile, { flags: 'a' });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.#process = running(child, this.bootstrap);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }
  /** Also for one that was not paused. */
  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }
  /** All that it holds is lost, as with its machine. */
  wipe(): void {
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  #jars(): KafkaJars {
    const { jars } = this.#cluster;
    if (typeof jars === 'string') throw new Error(jars);
    return jars;
  }
}

export class Cluster {
  readonly plan: ClusterPlan;
  readonly nodes: readonly ClusterNode[];

  private constructor(plan: ClusterPlan, nodes: readonly ClusterNode[]) {
    this.plan = plan;
    this.nodes = nodes;
  }

  /** Formats and starts all nodes; `formatter` says with whose tool, left out: each its own. Resolves when all brokers serve. */
  static async start(plan: ClusterPlan, formatter?: (node: NodePlan) => NodeKind): Promise<Cluster> {
    mkdirSync(plan.directory, { recursive: true });
    const nodes: ClusterNode[] = [];
    for (const node of plan.nodes) {
      const port = plan.portOf?.(node.id) ?? (await freePort());
      nodes.push(new ClusterNode(plan, node, [port, plan.controllerPortOf?.(node.id) ?? (await freePort())]));
    }
    const cluster = new Cluster(plan, nodes);
    for (const node of nodes) {
      await node.prepare(
        cluster.#settingsOf(node),
        cluster.#formatFlags(node),
        formatter?.(node.plan) ?? node.plan.kind,
      );
    }
    for (const node of nodes) node.start();
    try {
      await cluster.serving([], cluster.brokers, plan.startLimitMs);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get brokers(): readonly ClusterNode[] {
    return this.nodes.filter(({ isBroker }) => isBroker);
  }
  get bootstrap(): string {
    return this.brokers.map(({ bootstrap }) => bootstrap).join(',');
  }
  /** For tools that ask controllers (`--bootstrap-controller`). */
  get controllerBootstrap(): string {
    return this.#controllers.map(({ controllerPort }) => `127.0.0.1:${controllerPort}`).join(',');
  }

  node(id: number): ClusterNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }

  /** Metadata v12 from whichever of these brokers answers first. */
  async metadata(topics: readonly string[] | null, from = this.brokers): Promise<ClusterInfo> {
    let reason = 'no broker';
    for (const { bootstrap } of from) {
      try {
        const connection = await WireConnection.open(bootstrap, 2_000);
        try {
          return await metadata(connection, topics);
        } finally {
          await connection.close();
        }
      } catch (error) {
        reason = String(error);
      }
    }
    throw new Error(`nobody answers Metadata: ${reason}`);
  }

  /** Resolves when every one of these brokers answers and knows of a leader of the partitions of `topics`, with a full ISR. */
  async serving(topics: readonly string[] = [], nodes = this.brokers, limitMs = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + limitMs;
    let reason = '';
    while (Date.now() < deadline) {
      try {
        const seen = await Promise.all(nodes.map((node) => this.metadata(topics, [node])));
        const isWhole = seen.every(({ topics: infos }) =>
          infos.every(({ partitions }) =>
            partitions.every(({ leader, isr, replicas }) => leader >= 0 && isr.length === replicas.length),
          ),
        );
        if (isWhole) return;
        reason = JSON.stringify(seen[0]?.topics.map(({ name, partitions }) => ({ name, partitions }))).slice(0, 600);
      } catch (error) {
        reason = String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const logs = this.nodes.map((node) => `--- node ${node.id}\n${node.log.slice(-1_500)}`);
    throw new Error(`the cluster does not serve: ${reason}\n${logs.join('\n')}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  get #controllers(): readonly ClusterNode[] {
    return this.nodes.filter(({ isController }) => isController);
  }

  #settingsOf(node: ClusterNode): Record<string, string> {
    const controllers = this.#controllers;
    const voters = controllers.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');
    const quorum: Record<string, string> =
      this.plan.quorum === 'static'
        ? { 'controller.quorum.voters': voters }
        : { 'controller.quorum.bootstrap.servers': this.controllerBootstrap };
    const client = `PLAINTEXT://127.0.0.1:${node.port}`;
    const controller = `CONTROLLER://127.0.0.1:${node.controllerPort}`;
    const listeners = [...(node.isBroker ? [client] : []), ...(node.isController ? [controller] : [])].join(',');
    const replicas = String(Math.min(3, this.brokers.length));
    const least = String(Math.min(2, this.brokers.length));
    return {
      'process.roles': node.role,
      'node.id': String(node.id),
      ...quorum,
      listeners,
      ...(node.isBroker && { 'advertised.listeners': client, 'inter.broker.listener.name': 'PLAINTEXT' }),
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'controller.listener.names': 'CONTROLLER',
      // On a machine with more to do controllers take their time to start; brokers wait for them.
      'initial.broker.registration.timeout.ms': String(PATIENCE_MS),
      'log.dirs': node.dataDirectory,
      'broker.rack': `rack-${node.id}`,
      'default.replication.factor': replicas,
      'min.insync.replicas': least,
      'offsets.topic.replication.factor': replicas,
      'offsets.topic.num.partitions': '10',
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': least,
      'transaction.state.log.num.partitions': '10',
      'share.coordinator.state.topic.replication.factor': replicas,
      'share.coordinator.state.topic.min.isr': least,
      'share.coordinator.state.topic.num.partitions': '10',
      'group.initial.rebalance.delay.ms': '0',
      'group.coordinator.rebalance.protocols': 'classic,consumer,share,streams',
      ...this.plan.properties,
      ...this.plan.propertiesOf?.(node),
    };
  }

  /** Voters of a dynamic quorum stand in what every controller is formatted with. */
  #formatFlags({ isController }: ClusterNode): string[] {
    if (this.plan.quorum === 'static' || !isController) return [];
    const initial = this.#controllers.map(
      ({ id, controllerPort }, index) => `${id}@127.0.0.1:${controllerPort}:${VOTER_DIRECTORIES[index] ?? ''}`,
    );
    return ['--initial-controllers', initial.join(',')];
  }
}
