// Two whole brokers on simulated machines with one link: node 2 speaks to node 1, and to the controller there, by the protocol.
import { expect } from 'chai';
import { apiVersions } from '../../../src/api-handlers/18-api-versions.ts';
import { createTopics } from '../../../src/api-handlers/19-create-topics.ts';
import { brokerToControllerHandlers, type ControllerChannel, type ServedApi } from '../../../src/api-handlers/index.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { ForwardedRequests } from '../../../src/broker/network/forwarded-requests.ts';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { RemoteControllerChannel } from '../../../src/broker/node/remote-controller-channel.ts';
import { SUPPORTED_FEATURES } from '../../../src/kraft/metadata/index.ts';
import { Channel, Errors, errorName, KafkaError } from '../../../src/protocol/index.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { BrokerRegistration } from '../../../src/protocol/messages/62-broker-registration.ts';
import { BrokerHeartbeat } from '../../../src/protocol/messages/63-broker-heartbeat.ts';
import { type Clock, delay, type Network, silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn, nodeRuntime } from '../../../src/runtime/node/index.ts';
import { simulate, type Simulation, type SimMachine } from '../../../src/runtime/sim/index.ts';

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
export const DIRECTORY = 'NMYaTIuGQW-9LTON4Usj4A';
export const NEXT_INCARNATION = 'EEEEEEEEQw2CCCCCCCCCCA';
const CLIENT_PORT = 9092;
const CONTROLLER_PORT = 9093;
/** Kafka's broker.heartbeat.interval.ms and broker.session.timeout.ms. */
const HEARTBEAT_MS = 2000;
export const SESSION_MS = 9000;
const REQUEST_TIMEOUT_MS = 1500;

function startNode(machine: SimMachine, nodeId: number): Promise<BrokerNode> {
  const { name, runtime } = machine;
  if (!machine.disk.existsSync('/data')) machine.disk.makeDirectorySync('/data');
  const config = {
    'node.id': String(nodeId),
    listeners: `PLAINTEXT://${name}:${CLIENT_PORT},CONTROLLER://${name}:${CONTROLLER_PORT}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': '/data',
  };
  return BrokerNode.start({
    runtime,
    settings: settingsOf({ config }, runtime.disk),
    loggers: new LoggerLevels(),
    clusterId: CLUSTER_ID,
  });
}

/** The controller of node 1, whichever process that is by now. */
class ControllerOfNow implements ControllerChannel {
  now: ControllerChannel | undefined;

  get #controller(): ControllerChannel {
    if (this.now === undefined) throw new Error('node 1 has not started');
    return this.now;
  }
  readonly send: ControllerChannel['send'] = (api, request) => this.#controller.send(api, request);
  readonly forward: ControllerChannel['forward'] = (api, request, context) =>
    this.#controller.forward(api, request, context);
}

const controllerOfNow = new ControllerOfNow();

/** What comes in envelopes is answered by the same list. */
const forwardedTo = (apis: readonly ServedApi[]) => async () => {
  const { clock } = nodeRuntime();
  return new ForwardedRequests({ apis: () => apis, stages: [], clock, logger: silentLogger }).answer;
};

/**
 * What brokers ask of a controller is not announced yet: the listener of this one is told to serve it. Code that is loaded
 * for the first time takes real time, in which virtual time would leap: it is loaded before.
 */
async function loadedApis(): Promise<ServedApi[]> {
  const features = () => ({ supported: [], finalized: new Map(), epoch: -1 });
  const served: ServedApi[] = [
    {
      key: 18,
      minVersion: 0,
      maxVersion: 4,
      load: async () => apiVersions(() => served.map(({ key }) => key), features),
    },
    { key: 19, minVersion: 2, maxVersion: 7, load: async () => createTopics(controllerOfNow) },
  ];
  for (const api of brokerToControllerHandlers({ controller: controllerOfNow, forwarded: forwardedTo(served) })) {
    const handler = await api.load();
    served.push({ ...api, load: async () => handler });
  }
  return served;
}

let served: readonly ServedApi[] = [];

/** Before the first world. */
export async function prepareWorlds(): Promise<void> {
  served = await loadedApis();
}

function serveBrokers(node: BrokerNode): void {
  controllerOfNow.now = node.controller;
  node.socketServer.controllerDispatcher.open(served, []);
}

/** Node 2 as it will be when it has no controller of its own: registered with that of node 1, to which it sends heartbeats. */
export class Follower {
  readonly controller: RemoteControllerChannel;
  readonly channel: Channel;
  readonly toBroker: Channel;
  /** Of its attempts to reach the controller. */
  readonly dials: number[] = [];
  readonly #clock: Clock;
  readonly #incarnationId: string;
  epoch = -1;

  constructor({ runtime }: SimMachine, incarnationId = 'DDDDDDDDQw2CCCCCCCCCCA') {
    this.#clock = runtime.clock;
    this.#incarnationId = incarnationId;
    const { network } = runtime;
    const dialling: Network = {
      listen: (...args) => network.listen(...args),
      connect: (...args) => {
        this.dials.push(runtime.clock.monotonicMs());
        return network.connect(...args);
      },
    };
    const options = {
      clock: runtime.clock,
      random: runtime.random,
      logger: silentLogger,
      host: 'node1',
      clientId: '2',
      software: { name: 'ottla', version: '1' },
      limits: { requestTimeoutMs: REQUEST_TIMEOUT_MS, connectTimeoutMs: 1000 },
    };
    this.channel = new Channel({ ...options, network: dialling, port: CONTROLLER_PORT });
    const limits = { connectTimeoutMs: 86_000_000 };
    this.toBroker = new Channel({ ...options, network, port: CLIENT_PORT, limits });
    this.controller = new RemoteControllerChannel(this.channel);
  }

  /** A broker loads a handler when it is first asked for, in real time: virtual time may leap meanwhile. */
  brokerVersions() {
    const software = { clientSoftwareName: 'ottla', clientSoftwareVersion: '1' };
    return this.toBroker.ask(ApiVersions, software, { timeoutMs: 86_000_000 });
  }

  async register(): Promise<void> {
    const { brokerEpoch = -1 } = await this.controller.send(BrokerRegistration, {
      brokerId: 2,
      clusterId: CLUSTER_ID,
      incarnationId: this.#incarnationId,
      listeners: [{ name: 'PLAINTEXT', host: 'node2', port: CLIENT_PORT, securityProtocol: 0 }],
      features: [...SUPPORTED_FEATURES],
      rack: null,
      isMigratingZkBroker: false,
      logDirs: [DIRECTORY],
      previousBrokerEpoch: -1,
    });
    this.epoch = brokerEpoch;
  }

  /** `fenced`, `unfenced`, or the name of the error. */
  async beat(): Promise<string> {
    try {
      const { isFenced } = await this.controller.send(BrokerHeartbeat, {
        brokerId: 2,
        brokerEpoch: this.epoch,
        // It stands for a broker that has read all of the metadata log.
        currentMetadataOffset: Number.MAX_SAFE_INTEGER,
        wantFence: false,
        wantShutDown: false,
        offlineLogDirs: [],
        cordonedLogDirs: null,
      });
      return isFenced === true ? 'fenced' : 'unfenced';
    } catch (error) {
      if (error instanceof KafkaError) return errorName(error.code);
      throw error;
    }
  }

  /** What each heartbeat brought, over so long a time. */
  async beatFor(durationMs: number): Promise<string[]> {
    const untilMs = this.#clock.monotonicMs() + durationMs;
    const outcomes: string[] = [];
    while (this.#clock.monotonicMs() < untilMs) {
      outcomes.push(await this.beat());
      await delay(this.#clock, HEARTBEAT_MS);
    }
    return outcomes;
  }
}

export class World {
  readonly simulation: Simulation;
  readonly machines: readonly [SimMachine, SimMachine];
  follower: Follower;
  first: BrokerNode;
  second: BrokerNode;

  private constructor(simulation: Simulation, machines: readonly [SimMachine, SimMachine], nodes: BrokerNode[]) {
    this.simulation = simulation;
    this.machines = machines;
    [this.first, this.second] = nodes as [BrokerNode, BrokerNode];
    this.follower = new Follower(machines[1]);
  }

  static async start(simulation: Simulation): Promise<World> {
    const machines = [simulation.machine('node1'), simulation.machine('node2')] as const;
    const nodes = await Promise.all(machines.map((machine, index) => startNode(machine, index + 1)));
    serveBrokers(nodes[0] as BrokerNode);
    return new World(simulation, machines, nodes);
  }

  async restartFirst(): Promise<void> {
    this.machines[0].crash('kill');
    this.first = await startNode(this.machines[0], 1);
    serveBrokers(this.first);
  }

  /** The machine of node 2 loses its power, and is back after `downMs`. */
  async powerCycleSecond(downMs: number): Promise<void> {
    const [, machine] = this.machines;
    const { clock } = this.simulation;
    // What was said last is acknowledged: else that is sent again, ever more seldom, in place of a probe.
    await delay(clock, 10);
    machine.crash('power');
    await delay(clock, downMs);
    this.second = await startNode(machine, 2);
    this.follower = new Follower(machine, NEXT_INCARNATION);
  }

  get brokerTwo() {
    return this.first.image.cluster.brokers.get(2);
  }
  get partition() {
    return this.first.image.topics.byName.get('shared')?.partitions[0];
  }

  async close(): Promise<void> {
    await Promise.all([this.follower.channel.close(), this.follower.toBroker.close()]);
    await Promise.all([this.first.close(), this.second.close()]);
  }
}

/** Runs the body; what the nodes went through, moment by moment, comes back. */
export async function inWorld(
  seed: number,
  body: (world: World, tell: (what: unknown) => void) => Promise<void>,
): Promise<string> {
  const story: string[] = [];
  await simulate({ seed, nextTurn, trace: (line) => story.push(line) }, async (simulation) => {
    const world = await World.start(simulation);
    await body(world, (what) => story.push(`${simulation.clock.monotonicMs()} ${JSON.stringify(what)}`));
    await world.close();
  });
  return story.join('\n');
}

export async function join({ follower, first }: World): Promise<void> {
  await follower.register();
  expect(await follower.beat()).to.equal('unfenced');
  const { topics } = await follower.controller.forward(
    CreateTopics,
    {
      topics: [{ name: 'shared', numPartitions: 1, replicationFactor: 2, assignments: [], configs: [] }],
      timeoutMs: 1000,
      validateOnly: false,
    },
    { apiVersion: 7 },
  );
  expect(topics[0]?.errorCode).to.equal(Errors.NONE);
  expect(first.image.topics.byName.get('shared')?.partitions[0]?.isr).to.have.members([1, 2]);
}
