// A broker in a program of its own user: a node, topics made at its start, and what tests want beyond Kafka: requests that are
// watched or fail on purpose, and a reset to an empty broker.
import type { GroupSnapshot } from '../../group-coordinator/snapshots/index.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import type { Runtime } from '../../runtime/index.ts';
import { MemoryDisk } from '../../runtime/memory/index.ts';
import { BrokerNode } from '../node/broker-node.ts';
import type {
  Broker,
  Neighbours,
  OpenNeighbours,
  StartOptions,
  TopicOption,
  TransactionSnapshot,
  TransactionStateName,
} from './embedding.ts';
import { hostAndPort, isEveryAddress } from '../configs/endpoints.ts';
import type { ThrowAwayCertificates } from '../security/tls/certificates.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { BrokerNodeOptions } from '../node/node-start.ts';
import type { PushedMetrics } from '../telemetry/pushed-metrics.ts';
import {
  type ApiName,
  type KafkaErrorName,
  type PlannedFailure,
  type RecordedRequestOf,
  type RequestAnswer,
  type RequestFilter,
  type RequestMatch,
} from '../../testing/index.ts';
import { TestingStage } from '../../testing/stage/index.ts';
import type { LoggerLevels } from '../configs/logger-levels.ts';
import { type Settings, StartError } from '../configs/settings.ts';

export interface EmbeddedBrokerParts {
  /** With the disk of the machine: a broker in memory gets another one. */
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly loggers: LoggerLevels;
  readonly options: StartOptions;
  /** Of one node among several; left out: a broker alone. */
  readonly member?: {
    /** Open already, since others have to know its ports. */
    readonly socketServer: SocketServer;
  };
  readonly certificates: ThrowAwayCertificates | undefined;
}

export class EmbeddedBroker implements Broker {
  readonly #parts: EmbeddedBrokerParts;
  readonly #testing: TestingStage;
  #node: BrokerNode;
  #neighbours: Neighbours | undefined;
  #resetting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(parts: EmbeddedBrokerParts, testing: TestingStage, node: BrokerNode) {
    this.#parts = parts;
    this.#testing = testing;
    this.#node = node;
  }

  static async start(parts: EmbeddedBrokerParts): Promise<EmbeddedBroker> {
    const { runtime, options } = parts;
    const { onRequest, history = false, clusterId } = options;
    const testing = new TestingStage({
      logger: runtime.logger,
      nameOf: (topicId) => broker.#node.image.topics.byId.get(topicId)?.name,
      hook: onRequest,
      history: history === false ? undefined : history === true ? {} : history,
    });
    await testing.open();
    const node = await openNode(parts, testing, clusterId, { socketServer: parts.member?.socketServer });
    // Before the node serves: the first request may ask for the name of a topic.
    const broker = new EmbeddedBroker(parts, testing, node);
    node.serve();
    return broker;
  }

  /** The broker ends with its neighbours, and where they cannot begin. Rejects as they do. */
  async meet(open: OpenNeighbours): Promise<void> {
    try {
      this.#neighbours = await open(this);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get bootstrapServers(): string {
    const { listeners, advertised } = this.#parts.settings;
    const told = advertised.get(listeners[0]?.name ?? '');
    const host = told?.host ?? (isEveryAddress(this.host) ? '127.0.0.1' : this.host);
    return hostAndPort(host, told?.port ?? this.port);
  }
  get ca(): string | undefined {
    return this.#parts.certificates?.ca;
  }
  get clientCertificate(): ThrowAwayCertificates['client'] | undefined {
    return this.#parts.certificates?.client;
  }
  get host(): string {
    return this.#node.host;
  }
  get port(): number {
    return this.#node.port;
  }
  get clusterId(): string {
    return this.#node.clusterId;
  }
  get metricsPort(): number | undefined {
    return this.#node.metricsPort;
  }
  get registryUrl(): string | undefined {
    return this.#neighbours?.registryUrl;
  }
  get dataDir(): string {
    const { durability, logDirs } = this.#parts.settings;
    return durability === 'memory' ? '' : logDirs.join(',');
  }
  get durability(): Settings['durability'] {
    return this.#parts.settings.durability;
  }
  get warnings(): readonly string[] {
    return this.#parts.settings.warnings;
  }

  /** The node itself, for the cluster that it is one of. */
  get node(): BrokerNode {
    return this.#node;
  }

  clientMetrics(): readonly PushedMetrics[] {
    return this.#node.clientMetrics;
  }

  failNext(match: RequestMatch, answer: KafkaErrorName | RequestAnswer): PlannedFailure {
    return this.#testing.failNext(match, answer);
  }

  requests<Api extends ApiName = ApiName>(filter: RequestFilter<Api> = {}): readonly RecordedRequestOf<Api>[] {
    const entries = this.#testing.requests(filter);
    if (entries === undefined) {
      throw new Error('no requests are remembered: start the broker with history: true or { limit }');
    }
    return entries as unknown as RecordedRequestOf<Api>[];
  }

  async transactions(): Promise<readonly TransactionSnapshot[]> {
    const described = await this.#node.transactions();
    return described.map((one) => ({
      transactionalId: one.transactionalId,
      state: one.transactionState as TransactionStateName,
      producerId: one.producerId,
      producerEpoch: one.producerEpoch,
      timeoutMs: one.transactionTimeoutMs,
      startedAtMs: one.transactionStartTimeMs < 0 ? undefined : one.transactionStartTimeMs,
      partitions: one.topics.flatMap(({ topic, partitions }) => partitions.map((index) => `${topic}-${index}`)),
    }));
  }

  groups(): Promise<readonly GroupSnapshot[]> {
    return this.#node.groups();
  }

  async reset(): Promise<void> {
    if (this.#parts.member !== undefined)
      throw new Error('reset() is for a broker alone: this one belongs to a cluster');
    if (this.durability !== 'memory') {
      throw new Error(
        `reset() is for brokers in memory, and this one keeps its records in ${this.dataDir}: close it, remove the directory and start another`,
      );
    }
    if (this.#closing !== undefined) throw new Error('the broker is closed');
    this.#resetting ??= this.#startAnew().finally(() => (this.#resetting = undefined));
    await this.#resetting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // A reset that fails tells its own caller.
    await this.#resetting?.catch(() => undefined);
    await this.#neighbours?.close();
    await this.#node.close();
  }

  /** Starts another node behind the same ports: no state of the first one can be left, as none of its parts is used again. */
  async #startAnew(): Promise<void> {
    const { clusterId, metricsPort } = this;
    const socketServer = await this.#node.leave();
    this.#testing.clear();
    this.#parts.loggers.reset();
    this.#node = await openNode(this.#parts, this.#testing, clusterId, { socketServer, metricsPort });
    this.#node.serve();
    await this.#neighbours?.reset();
  }
}

/** A node with the topics that were asked for, which serves nobody yet. */
async function openNode(
  { runtime, settings, loggers, options, member }: EmbeddedBrokerParts,
  testing: TestingStage,
  clusterId: string | undefined,
  ports: Pick<BrokerNodeOptions, 'socketServer' | 'metricsPort'>,
): Promise<BrokerNode> {
  // One of a cluster keeps its disk for as long as the cluster lives.
  const isInMemory = settings.durability === 'memory' && member === undefined;
  const disk = isInMemory ? new MemoryDisk({ nowMs: () => runtime.clock.nowMs() }) : runtime.disk;
  const node = await BrokerNode.open({
    runtime: { ...runtime, disk },
    configDisk: runtime.disk,
    settings,
    loggers,
    clusterId,
    onFailure: options.onFailure,
    ...ports,
    stages: [testing],
  });
  try {
    if (member === undefined) await prepare(node, options);
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

/** What the options want of the cluster: topics, permissions, quotas. Rejects with StartError. */
export async function prepare(node: BrokerNode, options: StartOptions): Promise<void> {
  await createTopics(node, options.topics ?? {});
  if (options.users !== undefined) await (await import('./secured.ts')).createUsers(node, options.users);
  await setAccess(node, options);
}

/** Loaded where it is asked for. */
async function setAccess(node: BrokerNode, { acls = [], quotas = [] }: StartOptions): Promise<void> {
  if (acls.length === 0 && quotas.length === 0) return;
  const { setAcls, setQuotas } = await import('./access-options.ts');
  if (acls.length > 0) await setAcls(node, acls);
  if (quotas.length > 0) await setQuotas(node, quotas);
}

async function createTopics(node: BrokerNode, topics: Readonly<Record<string, TopicOption>>): Promise<void> {
  const missing = Object.entries(topics).filter(([name]) => !node.image.topics.byName.has(name));
  if (missing.length === 0) return;
  const answer = await node.controller.send(CreateTopics, {
    topics: missing.map(([name, option]) => ({
      name,
      numPartitions: typeof option === 'number' ? option : (option.partitions ?? -1),
      replicationFactor: -1,
      assignments: [],
      configs: Object.entries(typeof option === 'number' ? {} : (option.configs ?? {})).map(([key, value]) => ({
        name: key,
        value: String(value),
      })),
    })),
    timeoutMs: 30_000,
    validateOnly: false,
  });
  const refused = answer.topics.find((topic) => topic.errorCode !== 0);
  if (refused !== undefined)
    throw new StartError(`Topic ${refused.name} could not be created: ${refused.errorMessage ?? refused.errorCode}`);
}
