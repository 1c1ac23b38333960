// One node of a cluster in one process, over its starts and ends: its configuration, ports and disk stay.
import { randomInt, type Runtime } from '../../runtime/index.ts';
import { MemoryDisk } from '../../runtime/memory/index.ts';
import { LoggerLevels } from '../configs/logger-levels.ts';
import { type Settings, settingsOf } from '../configs/settings.ts';
import { ListenError } from '../network/listen-error.ts';
import { SocketServer } from '../network/socket-server.ts';
import type { BrokerNode } from '../node/broker-node.ts';
import { openGuards } from '../node/node-guards.ts';
import type { ClusterNode } from './cluster.ts';
import { elect, reassign } from './cluster-changes.ts';
import type { ClusterLinks } from './cluster-links.ts';
import { EmbeddedBroker, prepare } from './embedded-broker.ts';
import type { Broker, StartOptions } from './embedding.ts';
import type { Knowledge, Member, MemberPlan, PartitionState } from './member.ts';
import { MortalProcess } from './mortal-process.ts';

export interface MemberWorld {
  /** A node in memory gets a disk of its own. */
  readonly runtime: Runtime;
  readonly links: ClusterLinks;
  readonly options: StartOptions;
}

/** Until a node is there whose limits count. */
const NO_LIMITS = {
  maxConnections: Number.MAX_SAFE_INTEGER,
  maxConnectionsPerIp: Number.MAX_SAFE_INTEGER,
  ofAddress: new Map<string, number>(),
  maxIdleMs: -1,
  maxRequestBytes: 100 * 1024 * 1024,
};

const FIRST_PORT = 10_000;
/** Linux gives ports from 32768 on to those who dial. */
const LAST_PORT = 32_000;
const MOST_DRAWS = 50;

export class ClusterMember implements Member {
  readonly id: number;
  readonly roles: ClusterNode['roles'];
  readonly #plan: MemberPlan;
  readonly #links: ClusterLinks;
  readonly #options: StartOptions;
  /** With the disk of this node. */
  readonly #runtime: Runtime;
  #settings: Settings;
  /** What is set beside the options: the ports, first of all. */
  #config: Readonly<Record<string, string>> = {};
  /** Of the next start, or of the node that runs. */
  #process: MortalProcess;
  #socketServer: SocketServer | undefined;
  #running: EmbeddedBroker | undefined;
  #hasPorts = false;

  private constructor(plan: MemberPlan, { runtime, links, options }: MemberWorld) {
    this.id = plan.id;
    this.roles = plan.roles;
    this.#plan = plan;
    this.#links = links;
    this.#options = { ...options, clusterId: plan.clusterId };
    const isInMemory = plan.input.memory === true;
    const disk = isInMemory ? new MemoryDisk({ nowMs: () => runtime.clock.nowMs() }) : runtime.disk;
    this.#runtime = { ...runtime, disk };
    this.#settings = settingsOf(plan.input, disk);
    this.#process = new MortalProcess(plan.id, this.#runtime, links);
  }

  /** Opens the ports of a node that does not run yet. Rejects with ListenError; throws StartError. */
  static async listen(plan: MemberPlan, world: MemberWorld): Promise<ClusterMember> {
    const member = new ClusterMember(plan, world);
    await member.#listen();
    return member;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }
  get knows(): Knowledge | undefined {
    const node = this.#running?.node;
    return node && { offset: node.image.offset, leadership: node.quorumLeader };
  }
  partition(topic: string, partition: number): PartitionState | undefined {
    return this.#node.image.topics.byName.get(topic)?.partitions[partition];
  }
  get broker(): Broker {
    if (this.#running === undefined) throw new Error(`node ${this.id} does not run`);
    if (!this.roles.includes('broker')) throw new Error(`node ${this.id} is a controller alone`);
    return this.#running;
  }
  get host(): string {
    const { listeners, controllerListeners } = this.#settings;
    return (listeners[0] ?? controllerListeners[0])?.host ?? '';
  }
  get port(): number {
    const { listeners, controllerListeners } = this.#settings;
    return (listeners[0] ?? controllerListeners[0])?.port ?? 0;
  }
  get controllerPort(): number {
    return this.#settings.openedControllerListeners[0]?.port ?? 0;
  }
  get ports(): readonly number[] {
    const { listeners, openedControllerListeners } = this.#settings;
    return [...listeners, ...openedControllerListeners].map(({ port }) => port);
  }
  get dataDir(): string {
    const { durability, logDirs } = this.#settings;
    return durability === 'memory' ? '' : logDirs.join(',');
  }

  get durability(): Settings['durability'] {
    return this.#settings.durability;
  }
  get warnings(): readonly string[] {
    return this.#settings.warnings;
  }

  async configure(config: Readonly<Record<string, string>>, ports: ReadonlyMap<number, number>): Promise<void> {
    for (const [port, id] of ports) this.#links.belongs(port, id);
    this.#set(config);
  }

  #set(config: Readonly<Record<string, string>>): void {
    this.#config = { ...this.#config, ...config };
    const { input } = this.#plan;
    this.#settings = settingsOf({ ...input, config: { ...input.config, ...this.#config } }, this.#runtime.disk);
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const socketServer = this.#socketServer ?? (await this.#listen());
    this.#socketServer = undefined;
    const { input, certificates } = this.#plan;
    this.#running = await EmbeddedBroker.start({
      runtime: this.#process.runtime,
      settings: this.#settings,
      loggers: new LoggerLevels(),
      options: { ...this.#options, ...(input.memory === true && { memory: true }) },
      certificates,
      member: { socketServer },
    });
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    await running.close();
    await this.#endProcess();
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.node.closeAtOnce();
    await this.#socketServer?.stopAccepting();
  }

  async kill(): Promise<void> {
    this.#running = undefined;
    this.#socketServer = undefined;
    await this.#endProcess();
  }

  prepare(): Promise<void> {
    return prepare(this.#node, this.#options);
  }
  reassign(topic: string, partition: number, replicas: readonly number[]): Promise<void> {
    return reassign(this.#node, topic, partition, replicas);
  }
  elect(topic: string, partition: number): Promise<void> {
    return elect(this.#node, topic, partition);
  }

  get #node(): BrokerNode {
    if (this.#running === undefined) throw new Error(`node ${this.id} does not run`);
    return this.#running.node;
  }

  async #endProcess(): Promise<void> {
    await this.#process.kill();
    this.#process = new MortalProcess(this.id, this.#runtime, this.#links);
  }

  /** Opens the ports of a node that starts again, or free ones. */
  async #listen(): Promise<SocketServer> {
    for (let tries = 1; ; tries++) {
      if (!this.#hasPorts) this.#set({ listeners: this.#drawnListeners() });
      try {
        const { runtime } = this.#process;
        const guards = await openGuards(runtime, this.#settings, this.#runtime.disk);
        const options = { runtime, settings: this.#settings, poisonBuffers: false, guards };
        this.#socketServer = await SocketServer.open(options, () => NO_LIMITS);
        this.#hasPorts = true;
        return this.#socketServer;
      } catch (error) {
        const isTaken = error instanceof ListenError && error.code === 'EADDRINUSE' && !this.#hasPorts;
        if (!isTaken || tries === MOST_DRAWS) throw error;
      }
    }
  }

  /** Ports that the system gives to nobody who dials: a node that is down finds its own again. */
  #drawnListeners(): string {
    return String(this.#plan.input.config?.['listeners'])
      .split(',')
      .map((listener) => listener.replace(/:0$/, `:${randomInt(this.#runtime.random, FIRST_PORT, LAST_PORT)}`))
      .join(',');
  }
}
