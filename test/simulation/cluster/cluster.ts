// The brokers of a simulated cluster: each on a machine of its own, started, stopped, killed and started again, whatever state it
// is in. A node that cannot start, or gives up, is tried again as an operator (or systemd) would.
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { ensureFormatted } from '../../../src/kraft/format/index.ts';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { DiskError, type LogFields, type Logger, type LogLevel } from '../../../src/runtime/index.ts';
import type { CrashMode, SimMachine, Simulation } from '../../../src/runtime/sim/index.ts';
import { configOf, CLUSTER_ID, controllersOf, nameOf, voterOf } from './node-config.ts';
import { type ClusterPlan, nodesOf } from './plan.ts';

const START_AGAIN_MS = 700;

export interface ClusterEvents {
  /** Something that a node must never say or do. */
  fault(node: number, words: string): void;
  log(node: number, line: string): void;
}

export class ClusterNode {
  readonly id: number;
  readonly machine: SimMachine;
  readonly #cluster: Cluster;
  #node: BrokerNode | undefined;
  /** Counts processes: what an earlier one still does is nobody's business. */
  #life = 0;
  #isWanted = false;
  /** What it had not flushed may be gone. */
  hasLostPower = false;

  constructor(cluster: Cluster, id: number) {
    this.id = id;
    this.#cluster = cluster;
    this.machine = cluster.simulation.machine(nameOf(id));
    this.machine.disk.makeDirectorySync('/data');
    this.machine.disk.syncDirectorySync('/');
    if (cluster.plan.topology === 'changing') this.#format();
  }

  /** With the voters that the cluster begins with, and on the level that it begins on. */
  #format(): void {
    const { plan } = this.#cluster;
    const { disk, runtime } = this.machine;
    const voters = controllersOf(plan.topology).map(voterOf);
    const levels =
      plan.metadataVersion === undefined ? undefined : new Map([['metadata.version', plan.metadataVersion]]);
    ensureFormatted({
      disk,
      random: runtime.random,
      nowMs: runtime.clock.nowMs(),
      nodeId: this.id,
      logDirs: ['/data'],
      clusterId: CLUSTER_ID,
      controllerEndpoints: voterOf(this.id).endpoints,
      voters,
      featureLevels: levels,
    });
  }

  /** undefined: it does not serve now. */
  get node(): BrokerNode | undefined {
    return this.#node;
  }

  /** How many processes it has had. */
  get lives(): number {
    return this.#life;
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    void this.#start(++this.#life);
  }

  /** The process ends at once, and another one is started after `downMs`. */
  crash(mode: CrashMode, downMs: number): void {
    const life = ++this.#life;
    this.#isWanted = false;
    this.#node = undefined;
    this.hasLostPower ||= mode === 'power';
    this.machine.crash(mode);
    this.#cluster.simulation.clock.schedule(downMs, () => {
      if (this.#life === life) this.start();
    });
  }

  /** Stops in an orderly way, as SIGTERM has it; a stop that does not come to its end is cut short. */
  async restart(downMs: number, patienceMs: number): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    const life = this.#life;
    this.#node = undefined;
    const { clock } = this.#cluster.simulation;
    const timer = clock.schedule(patienceMs, () => {
      if (this.#life === life) this.crash('kill', downMs);
    });
    await node.close().catch((error: unknown) => this.#failed(life, error));
    timer.cancel();
    if (this.#life === life) this.crash('kill', downMs);
  }

  /** For good: what it has written stays. */
  stop(): void {
    this.#life++;
    this.#node = undefined;
    this.machine.crash('kill');
  }

  async #start(life: number): Promise<void> {
    const { plan } = this.#cluster;
    const runtime = { ...this.machine.runtime, logger: this.#logger(life) };
    try {
      const node = await BrokerNode.start({
        runtime,
        settings: settingsOf({ config: configOf(plan, this.id) }, runtime.disk),
        loggers: new LoggerLevels(),
        clusterId: CLUSTER_ID,
        onFailure: (error) => this.#failed(life, error),
      });
      if (this.#life !== life) return;
      this.#node = node;
      this.#cluster.events.log(this.id, 'serves');
    } catch (error) {
      this.#failed(life, error);
    }
  }

  #failed(life: number, error: unknown): void {
    if (this.#life !== life) return;
    this.#cluster.events.log(this.id, `failed: ${String(error)}`);
    if (!isOfTheWorld(error)) this.#cluster.events.fault(this.id, stackOf(error));
    this.crash('kill', START_AGAIN_MS);
  }

  #logger(life: number): Logger {
    const logger: Logger = {
      log: (level, message, fields) => {
        if (this.#life === life) this.#heard(level, message, fields);
      },
      child: () => logger,
    };
    return logger;
  }

  #heard(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (level === 'debug') return;
    const line = `${level} ${message} ${JSON.stringify(fields ?? {})}`;
    this.#cluster.events.log(this.id, line);
    if (/AssertionFailure|TypeError|RangeError|ReferenceError/.test(line)) this.#cluster.events.fault(this.id, line);
  }
}

export class Cluster {
  readonly simulation: Simulation;
  readonly plan: ClusterPlan;
  readonly events: ClusterEvents;
  readonly nodes: readonly ClusterNode[];

  constructor(simulation: Simulation, plan: ClusterPlan, events: ClusterEvents) {
    this.simulation = simulation;
    this.plan = plan;
    this.events = events;
    this.nodes = nodesOf(plan).map((id) => new ClusterNode(this, id));
  }

  start(): void {
    for (const node of this.nodes) node.start();
  }

  node(id: number): ClusterNode {
    return this.nodes[id - 1] as ClusterNode;
  }

  stop(): void {
    for (const node of this.nodes) node.stop();
  }
}

/** What a disk, or the loss of everybody else, may do to a node: it stops with a reason. */
function isOfTheWorld(error: unknown): boolean {
  return (
    error instanceof DiskError || (error instanceof Error && error.cause !== undefined && isOfTheWorld(error.cause))
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
