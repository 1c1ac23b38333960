// One node of a cluster in one process, over its starts and ends: its configuration, ports and disk stay.
import { type Disk, randomInt, type Runtime } from '../../runtime/index.ts';
import { LoggerLevels } from '../configs/logger-levels.ts';
import { type Settings, settingsOf, type SettingsInput } from '../configs/settings.ts';
import { ListenError } from '../network/listen-error.ts';
import { SocketServer } from '../network/socket-server.ts';
import type { BrokerNode } from '../node/broker-node.ts';
import type { ClusterNode } from './cluster.ts';
import type { ClusterLinks } from './cluster-links.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import type { Broker, StartOptions } from './embedding.ts';
import { MortalProcess } from './mortal-process.ts';

export interface ClusterMemberOptions {
  readonly id: number;
  readonly roles: ClusterNode['roles'];
  /** With the disk of this node. */
  readonly world: Runtime & { readonly disk: Disk };
  readonly links: ClusterLinks;
  readonly input: SettingsInput;
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

export class ClusterMember implements ClusterNode {
  readonly id: number;
  readonly roles: ClusterNode['roles'];
  readonly #options: ClusterMemberOptions;
  #settings: Settings;
  /** What is set beside the options: the ports, first of all. */
  #config: Readonly<Record<string, string>> = {};
  /** Of the next start, or of the node that runs. */
  #process: MortalProcess;
  #socketServer: SocketServer | undefined;
  #running: EmbeddedBroker | undefined;
  #hasPorts = false;

  private constructor(options: ClusterMemberOptions) {
    this.id = options.id;
    this.roles = options.roles;
    this.#options = options;
    this.#settings = settingsOf(options.input, options.world.disk);
    this.#process = new MortalProcess(options.id, options.world, options.links);
  }

  /** Opens the ports of a node that does not run yet. Rejects with ListenError; throws StartError. */
  static async listen(options: ClusterMemberOptions): Promise<ClusterMember> {
    const member = new ClusterMember(options);
    await member.#listen();
    return member;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }
  get node(): BrokerNode | undefined {
    return this.#running?.node;
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
  /** Where the other nodes reach its controller. */
  get controllerPort(): number {
    return this.#settings.openedControllerListeners[0]?.port ?? 0;
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

  /** Sets configs that are known only when all nodes listen. */
  configure(config: Readonly<Record<string, string>>): void {
    this.#config = { ...this.#config, ...config };
    const { input, world } = this.#options;
    this.#settings = settingsOf({ ...input, config: { ...input.config, ...this.#config } }, world.disk);
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const socketServer = this.#socketServer ?? (await this.#listen());
    this.#socketServer = undefined;
    const { options, input } = this.#options;
    this.#running = await EmbeddedBroker.start({
      runtime: this.#process.runtime,
      settings: this.#settings,
      loggers: new LoggerLevels(),
      options: { ...options, ...(input.memory === true && { memory: true }) },
      certificates: undefined,
      member: { socketServer },
    });
  }

  /** In order, leaderships first. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    await running.close();
    await this.#endProcess();
  }

  /** With all other nodes, so that nothing is given away. */
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

  async #endProcess(): Promise<void> {
    await this.#process.kill();
    const { id, world, links } = this.#options;
    this.#process = new MortalProcess(id, world, links);
  }

  /** Opens the ports of a node that starts again, or free ones. */
  async #listen(): Promise<SocketServer> {
    for (let tries = 1; ; tries++) {
      if (!this.#hasPorts) this.configure({ listeners: this.#drawnListeners() });
      try {
        const options = { runtime: this.#process.runtime, settings: this.#settings, poisonBuffers: false };
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
    const { world, input } = this.#options;
    return String(input.config?.['listeners'])
      .split(',')
      .map((listener) => listener.replace(/:0$/, `:${randomInt(world.random, FIRST_PORT, LAST_PORT)}`))
      .join(',');
  }
}
