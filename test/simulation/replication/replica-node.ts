// One node of the world: logs, replicas, and the requests of its followers. No controller, no clients: the world plays both.
import { fetch } from '../../../src/api-handlers/01-fetch.ts';
import { listOffsets } from '../../../src/api-handlers/02-list-offsets.ts';
import { apiVersions } from '../../../src/api-handlers/18-api-versions.ts';
import type { BrokerIdentity } from '../../../src/api-handlers/broker-endpoints.ts';
import type { Handler } from '../../../src/api-handlers/handler.ts';
import { LogManager, type LogConfig, logConfig, type TopicLogConfig, topicLogConfig } from '../../../src/log/index.ts';
import { Channel, type ChannelLimits, type Peers } from '../../../src/protocol/index.ts';
import { type Partition, ReplicaManager, replicationConfig } from '../../../src/replication/index.ts';
import { type Durability, parseConfigs } from '../../../src/runtime/index.ts';
import type { CrashMode, SimMachine, Simulation } from '../../../src/runtime/sim/index.ts';
import { NodeConnection } from './node-server.ts';
import { type ScriptedController, TOPIC } from './scripted-controller.ts';

const LOG_DIR = '/data';
const PORT = 9092;

export interface NodeConfigs {
  readonly entries: ReadonlyMap<string, string>;
  readonly durability: Durability;
  readonly topic: Partial<TopicLogConfig>;
}

export class ReplicaNode {
  readonly id: number;
  readonly machine: SimMachine;
  readonly #simulation: Simulation;
  readonly #controller: ScriptedController;
  readonly #configs: NodeConfigs;
  #replicas: ReplicaManager | undefined;
  #logs: LogManager | undefined;
  #brokerEpoch = -1;

  constructor(id: number, simulation: Simulation, controller: ScriptedController, configs: NodeConfigs) {
    this.id = id;
    this.machine = simulation.machine(`node${id}`);
    this.#simulation = simulation;
    this.#controller = controller;
    this.#configs = configs;
    this.machine.disk.makeDirectorySync(LOG_DIR);
  }

  get isUp(): boolean {
    return this.#replicas !== undefined;
  }
  get replicas(): ReplicaManager {
    if (this.#replicas === undefined) throw new Error(`node ${this.id} is down`);
    return this.#replicas;
  }
  get logs(): LogManager {
    if (this.#logs === undefined) throw new Error(`node ${this.id} is down`);
    return this.#logs;
  }
  partition(index: number): Partition | undefined {
    return this.#replicas?.partition(TOPIC, index);
  }

  async start(): Promise<void> {
    const { runtime } = this.machine;
    const config: LogConfig = parseConfigs(logConfig, this.#configs.entries);
    const controller = this.#controller;
    const topicConfig = (): TopicLogConfig => ({ ...topicLogConfig(config), ...this.#configs.topic });
    const logs = await LogManager.open({
      runtime,
      logDirs: [LOG_DIR],
      config,
      durability: this.#configs.durability,
      topicConfig,
    });
    const replicas = new ReplicaManager({
      runtime,
      nodeId: this.id,
      config: parseConfigs(replicationConfig, this.#configs.entries),
      logManager: logs,
      topicLogConfig: topicConfig,
      peers: this.#peers(() => replicas),
      controller: {
        alterPartition: (request) => this.#afterAWhile(() => controller.alterPartition(request)),
        brokerEpoch: () => this.#brokerEpoch,
      },
    });
    this.#brokerEpoch = controller.register(this.id, PORT);
    controller.subscribe(this.id, (delta, image) => replicas.publish(delta, image));
    void replicas.start();
    logs.startTasks();
    const handlers = this.#handlers(replicas);
    await runtime.network.listen({ host: '', port: PORT }, (connection) => new NodeConnection(connection, handlers));
    this.#logs = logs;
    this.#replicas = replicas;
    controller.unfence(this.id);
  }

  /** The process ends at once. The controller hears of it later. */
  crash(mode: CrashMode): void {
    this.#controller.unsubscribe(this.id);
    this.machine.crash(mode);
    this.#replicas = undefined;
    this.#logs = undefined;
  }

  /** As after a controlled shutdown: others lead by then. */
  async stop(): Promise<void> {
    const { replicas, logs } = this;
    this.#controller.unsubscribe(this.id);
    this.#replicas = undefined;
    this.#logs = undefined;
    replicas.close();
    await logs.close(this.#brokerEpoch);
    this.machine.crash('kill');
  }

  async #afterAWhile<T>(action: () => Promise<T>): Promise<T> {
    const { clock, random } = this.#simulation;
    const wait = (): Promise<void> => new Promise((resolve) => clock.schedule(random.next() * 20, resolve));
    await wait();
    const answer = await action();
    await wait();
    return answer;
  }

  #handlers(replicas: ReplicaManager): Handler[] {
    const identity: BrokerIdentity = {
      brokerId: this.id,
      clusterId: 'cluster',
      advertisedFor: () => ({ host: `node${this.id}`, port: PORT }),
      image: () => replicas.image,
    };
    const keys = [1, 2, 18];
    const features = () => ({ supported: [], finalized: new Map<string, number>(), epoch: -1 });
    return [
      fetch(replicas, identity),
      listOffsets(replicas),
      apiVersions(() => keys, features),
    ] as unknown as Handler[];
  }

  #peers(replicas: () => ReplicaManager): Peers {
    const { network, clock, random, logger } = this.machine.runtime;
    const software = { name: 'ottla', version: '1' };
    const open = (nodeId: number, clientId: string, limits?: Partial<ChannelLimits>): Channel | undefined => {
      const endpoint = replicas().image.cluster.brokers.get(nodeId)?.listeners[0];
      if (endpoint === undefined) return undefined;
      const { host, port } = endpoint;
      return new Channel({ network, clock, random, logger, host, port, clientId, software, ...(limits && { limits }) });
    };
    return { open, to: (nodeId) => open(nodeId, 'shared') };
  }
}
