// The broker: the only place that builds everything, in the order in which it depends on each other, and takes it down in the
// opposite one. Ports are bound first, so that a second broker fails before it has touched a disk; requests that come
// early wait until the partitions are there. The ports can outlive the node and go on to one that takes its place.
import { resolve } from 'node:path';
import {
  AutoTopicCreation,
  brokerHandlers,
  controllerHandlers,
  type HandlerParts,
  type BrokerIdentity,
} from '../../api-handlers/index.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { ensureFormatted } from '../../kraft/format/index.ts';
import { KRAFT_VERSION, type MetadataImage, RESOURCE_TOPIC, SUPPORTED_FEATURES } from '../../kraft/metadata/index.ts';
import {
  claimLogDirs,
  logConfig,
  type DirectoryFailure,
  type LogDirectories,
  LogManager,
  type TopicLogConfig,
  topicLogConfig,
} from '../../log/index.ts';
import { noTransactions, ReplicaManager, replicationConfig } from '../../replication/index.ts';
import { parseConfigs, type Runtime } from '../../runtime/index.ts';
import { ProducerIds, transactionConfig } from '../../transaction-coordinator/index.ts';
import { AdvertisedListeners } from '../network/advertised.ts';
import { BrokerConfigDescriber } from '../configs/config-describer.ts';
import { configPolicy } from '../configs/config-policy.ts';
import { ConfigValidators } from '../configs/config-validators.ts';
import { brokerConfig } from '../configs/config.ts';
import { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { SocketServer } from '../network/socket-server.ts';
import { Coordinators } from './coordinators.ts';
import type { ConnectionLimits, Listener } from '../network/listener.ts';
import { LoggerLevels } from '../configs/logger-levels.ts';
import { MetadataNode } from './metadata-node.ts';
import { ReplicaAssignments } from './replica-assignments.ts';
import { declaredKeys } from '../configs/room-configs.ts';
import type { Settings } from '../configs/settings.ts';

export interface BrokerNodeOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly loggers: LoggerLevels;
  readonly clusterId?: string | undefined;
  /** Told once when the broker cannot go on and has closed. */
  readonly onFailure?: ((error: Error) => void) | undefined;
  /** Poison what is given back: tests find whoever still uses it. */
  readonly poisonBuffers?: boolean | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** Of the node whose place this one takes; ports are opened when there is none. */
  readonly socketServer?: SocketServer | undefined;
  /** Called when the node can change its metadata, before any client is answered. */
  readonly prepare?: ((node: BrokerNode) => Promise<void>) | undefined;
}

export class BrokerNode {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly #configs: BrokerConfigs;
  readonly #loggers: LoggerLevels;
  readonly #onFailure: (error: Error) => void;
  #socketServer: SocketServer | undefined;
  #clusterId = '';
  #metadataLogDir = '';
  #directories: LogDirectories | undefined;
  /** Of the log directories in use, by path. */
  #directoryIds: ReadonlyMap<string, string> = new Map();
  readonly #assignments: ReplicaAssignments;
  #metadata: MetadataNode | undefined;
  #logs: LogManager | undefined;
  #replicas: ReplicaManager | undefined;
  #coordinators: Coordinators | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: BrokerNodeOptions) {
    const { runtime, settings } = options;
    this.runtime = runtime;
    this.settings = settings;
    this.#loggers = options.loggers;
    this.#onFailure = options.onFailure ?? (() => undefined);
    this.#configs = new BrokerConfigs({
      nodeId: settings.broker.nodeId,
      keys: declaredKeys(),
      entries: settings.entries,
      logger: runtime.logger,
    });
    this.#assignments = new ReplicaAssignments(runtime.clock, runtime.logger.child('replica-manager'));
  }

  /** Starts a broker; it serves when this resolves. What had been opened is closed again when it rejects. */
  static async start(options: BrokerNodeOptions): Promise<BrokerNode> {
    const broker = new BrokerNode(options);
    try {
      await broker.#takeFront(options);
      await broker.#openMetadata(options.clusterId);
      await broker.#openPartitions(options.progress);
      await broker.#register();
    } catch (error) {
      await broker.#abandon();
      throw error;
    }
    try {
      await options.prepare?.(broker);
    } catch (error) {
      await broker.close();
      throw error;
    }
    broker.#serve();
    return broker;
  }

  /** Opened when the start has come so far. */
  get socketServer(): SocketServer {
    return this.#socketServer as SocketServer;
  }

  get clusterId(): string {
    return this.#clusterId;
  }
  /** Where the first listener listens. */
  get host(): string {
    return (this.socketServer.listeners[0] as Listener).host;
  }
  get port(): number {
    return (this.socketServer.listeners[0] as Listener).port;
  }
  get controller(): MetadataNode['controller'] {
    return this.#metadataNode.controller;
  }
  get image(): MetadataImage {
    return this.#metadataNode.image;
  }
  /** Memory in which requests are received, wait, or are in process. */
  get requestBytes(): number {
    return this.socketServer.buffers.usedBytes;
  }
  /** Response bytes that no client has taken yet. */
  get unsentBytes(): number {
    return this.socketServer.unsent.total;
  }
  get connectionCount(): number {
    return this.socketServer.connectionCount;
  }

  /** Stops in an orderly way: connections end, logs are flushed, the marker of a clean shutdown is written last. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** Stops as `close` does, but keeps the ports for the node that takes its place: connections end, new ones wait for it. */
  async leave(): Promise<SocketServer> {
    this.socketServer.hold();
    this.#closing ??= this.#closeRooms();
    await this.#closing;
    return this.socketServer;
  }

  get #metadataNode(): MetadataNode {
    return this.#metadata as MetadataNode;
  }

  async #takeFront({ runtime, settings, socketServer, poisonBuffers = false }: BrokerNodeOptions): Promise<void> {
    const limits = (): ConnectionLimits => this.#connectionLimits();
    this.#socketServer = socketServer ?? (await SocketServer.open({ runtime, settings, poisonBuffers }, limits));
    this.#socketServer.belongTo(limits);
  }

  /** Where the controller is said to be: a listener that is open knows its port. */
  #controllerEndpoints(): Endpoint[] {
    return this.settings.controllerListeners.map((endpoint) => {
      const opened = this.socketServer.controllerListeners.find(({ name }) => name === endpoint.name);
      return opened === undefined ? endpoint : this.#registeredEndpoint(endpoint, opened);
    });
  }

  #connectionLimits(): ConnectionLimits {
    const { maxConnections, maxConnectionsPerIp } = this.#configs.current(dynamicLimits);
    const { connectionsMaxIdleMs: maxIdleMs, maxRequestBytes } = this.settings.broker;
    return { maxConnections, maxConnectionsPerIp, maxIdleMs, maxRequestBytes };
  }

  async #openMetadata(clusterId: string | undefined): Promise<void> {
    const { runtime, settings } = this;
    const { clock, disk, random, logger } = runtime;
    const config = parseConfigs(kraftConfig, settings.entries);
    this.#directories = claimLogDirs({ disk, logger: logger.child('log') }, settings.logDirs);
    const { paths } = this.#directories;
    const metadataLogDir = config.metadataLogDir === null ? (paths[0] as string) : resolve(config.metadataLogDir);
    const failure = this.#directories.failed.get(metadataLogDir);
    if (failure !== undefined) throw failure;
    const node = ensureFormatted({
      disk,
      random,
      nowMs: clock.nowMs(),
      nodeId: settings.broker.nodeId,
      logDirs: this.#directories.online.map(({ path }) => path),
      metadataLogDir,
      clusterId,
      controllerEndpoints: this.#controllerEndpoints(),
    });
    this.#clusterId = node.clusterId;
    this.#directoryIds = new Map(node.directories.map(({ path, directoryId }) => [path, directoryId]));
    this.#metadataLogDir = metadataLogDir;
    this.#metadata = await MetadataNode.open({
      runtime,
      nodeId: settings.broker.nodeId,
      node,
      config,
      logConfig: parseConfigs(logConfig, settings.entries),
      isInMemory: settings.durability === 'memory',
      controllerListeners: this.#controllerEndpoints(),
      policy: (image) => configPolicy(this.#configs, this.#validatorsOf(image), this.#describerOf(image)),
      failed: (error) => this.#fail(error),
    });
    this.#configs.load(this.#metadata.image);
  }

  async #openPartitions(progress: BrokerNodeOptions['progress']): Promise<void> {
    const { runtime, settings } = this;
    const metadata = this.#metadataNode;
    this.#logs = await LogManager.open({
      runtime,
      logDirs: settings.logDirs,
      ...(this.#directories !== undefined && { claimed: this.#directories }),
      directoryFailed: (failure) => this.#directoryFailed(failure),
      config: this.#configs.current(logConfig),
      durability: settings.durability,
      topicConfig: (topic) => this.#topicLogConfig(topic, metadata.image),
      ...(progress !== undefined && { progress }),
    });
    this.#configs.onChange(() => this.#logs?.updateConfig(this.#configs.current(logConfig)));
    this.#replicas = new ReplicaManager({
      runtime,
      nodeId: settings.broker.nodeId,
      config: this.#configs.current(replicationConfig),
      logManager: this.#logs,
      directories: {
        ids: this.#directoryIds,
        events: this.#assignments,
        maxMoveBytesPerSecond: () => this.#maxMoveBytesPerSecond(),
      },
      topicLogConfig: (topic, image) => this.#topicLogConfig(topic, image),
      unsentBytes: () => this.unsentBytes,
    });
    this.#coordinators = new Coordinators({
      runtime,
      nodeId: settings.broker.nodeId,
      configs: this.#configs,
      replicas: this.#replicas,
      verifier: noTransactions,
    });
    await metadata.loader.install([this.#configs, this.#replicas, this.#coordinators, metadata.snapshots]);
    this.#replicas.start();
  }

  async #register(): Promise<void> {
    const { settings } = this;
    const logs = this.#logs as LogManager;
    const metadata = this.#metadataNode;
    const registered = settings.listeners.map((endpoint, index) =>
      this.#registeredEndpoint(endpoint, this.socketServer.listeners[index] as Listener),
    );
    await metadata.register({
      listeners: registered,
      rack: settings.broker.brokerRack,
      previousBrokerEpoch: logs.previousBrokerEpoch,
      logDirs: logs.directories.online.flatMap(({ path }) => this.#directoryIds.get(path) ?? []),
    });
    this.#assignments.start((directories) =>
      metadata.controller.assignReplicasToDirs({
        brokerId: settings.broker.nodeId,
        brokerEpoch: metadata.brokerEpoch,
        directories,
      }),
    );
    logs.startTasks();
  }

  #serve(): void {
    const parts = this.#handlerParts();
    this.socketServer.serve(brokerHandlers(parts), controllerHandlers(parts));
    this.#coordinators?.serve();
  }

  /** What the cluster is told of a listener: what it advertises, or where it listens. */
  #registeredEndpoint(endpoint: Endpoint, listener: Listener): Endpoint {
    return (
      this.settings.advertised.get(endpoint.name) ?? { name: endpoint.name, host: listener.host, port: listener.port }
    );
  }

  #handlerParts(): HandlerParts {
    const { runtime, settings } = this;
    const metadata = this.#metadataNode;
    const coordinators = this.#coordinators as Coordinators;
    const image = (): MetadataImage => (this.#replicas as ReplicaManager).image;
    const identity: BrokerIdentity = {
      brokerId: settings.broker.nodeId,
      clusterId: this.#clusterId,
      advertisedFor: new AdvertisedListeners(settings.advertised, runtime.logger.child('network')).addressFor,
      image,
    };
    const autoCreation = new AutoTopicCreation(
      {
        isEnabled: () => settings.broker.autoCreateTopicsEnable,
        waitsForInternalTopics: settings.broker.coordinatorTopicWait,
        internalTopics: coordinators.internalTopics,
      },
      (topics) => metadata.controller.createTopics({ topics: [...topics], timeoutMs: 30_000, validateOnly: false }),
      runtime.logger.child('metadata'),
    );
    return {
      replicas: this.#replicas as ReplicaManager,
      identity,
      controller: metadata.controller,
      autoCreation,
      configDescriber: this.#describerOf(image),
      configGate: this.#validatorsOf(image),
      features: () => ({
        supported: supportedFeatures,
        finalized: new Map([...metadata.image.features.levels, [KRAFT_VERSION, metadata.raft.kraftVersion]]),
        epoch: metadata.image.offset,
      }),
      quorum: () => quorumState(metadata),
      groups: () => coordinators.groups.coordinator(),
      coordinators: coordinators.kinds,
      verifier: noTransactions,
      producerIds: new ProducerIds(async () =>
        metadata.controller.allocateProducerIds(settings.broker.nodeId, metadata.brokerEpoch),
      ),
      transactionLimits: { maxTimeoutMs: this.#configs.current(transactionConfig).transactionMaxTimeoutMs },
      maxPartitionsDescribed: settings.broker.maxRequestPartitionSizeLimit,
    };
  }

  #topicLogConfig(topic: string, image: MetadataImage): TopicLogConfig {
    return topicLogConfig(this.#configs.current(logConfig), image.configs.get(RESOURCE_TOPIC, topic));
  }

  #validatorsOf(image: () => MetadataImage): ConfigValidators {
    return new ConfigValidators(this.#configs, image, this.#loggers);
  }

  #describerOf(image: () => MetadataImage): BrokerConfigDescriber {
    return new BrokerConfigDescriber(this.#configs, image, this.#loggers);
  }

  /** A quota that may be set while the broker runs, and stands in no configuration file (DynamicConfig.Broker). */
  #maxMoveBytesPerSecond(): number {
    const text = this.#configs.effectiveEntries.get('replica.alter.log.dirs.io.max.bytes.per.second');
    return text === undefined ? Number.MAX_SAFE_INTEGER : Number(text);
  }

  /** The others go on, as long as there are others and the metadata is not lost. */
  #directoryFailed(failure: DirectoryFailure): void {
    const { path, error } = failure;
    const directories = this.#directories as LogDirectories;
    this.#replicas?.directoryFailed(failure);
    if (directories.online.length === 0 || path === this.#metadataLogDir) return this.#fail(error);
    const failed = [...directories.failed.keys()].flatMap((one) => this.#directoryIds.get(one) ?? []);
    this.#metadata?.directoriesFailed(failed).catch((reason: unknown) => {
      this.runtime.logger.log('error', 'the controller could not be told of a failed log directory', {
        path,
        reason: String(reason),
      });
    });
  }

  /** The metadata log is lost, or every log directory: nothing can be promised any more. */
  #fail(error: Error): void {
    if (this.#closing !== undefined) return;
    this.runtime.logger.log('error', 'the disk of the metadata log or of all logs has failed; the broker stops', {
      error: error.stack ?? error.message,
    });
    this.#closing = this.#closeAll().catch((reason: unknown) => {
      this.runtime.logger.log('error', 'could not stop in order', { error: String(reason) });
    });
    void this.#closing.then(() => this.#onFailure(error));
  }

  async #closeAll(): Promise<void> {
    await this.socketServer.stopAccepting();
    await this.#closeRooms();
  }

  async #closeRooms(): Promise<void> {
    this.#coordinators?.close();
    this.#assignments.close();
    this.#replicas?.close();
    this.socketServer.closeConnections();
    try {
      await this.#metadata?.close();
    } finally {
      await this.#logs?.close(this.#metadata?.brokerEpoch ?? -1);
    }
  }

  /** A start that failed: lets go of everything and marks nothing as clean. */
  async #abandon(): Promise<void> {
    await this.#socketServer?.stopAccepting();
    this.#socketServer?.closeConnections();
    await this.#metadata?.close().catch((error: unknown) => {
      this.runtime.logger.log('warn', 'could not close the metadata log', { error: String(error) });
    });
    if (this.#logs !== undefined) this.#logs.abandon();
    else this.#directories?.release();
  }
}

const { maxConnections, maxConnectionsPerIp } = brokerConfig;
const dynamicLimits = { maxConnections, maxConnectionsPerIp };

const supportedFeatures = SUPPORTED_FEATURES.map((feature) => ({
  name: feature.name,
  minVersion: feature.minSupportedVersion,
  maxVersion: feature.maxSupportedVersion,
}));

/** The quorum as DescribeQuorum tells it. */
function quorumState({ raft }: MetadataNode): ReturnType<HandlerParts['quorum']> {
  const info = raft.quorumInfo;
  const voters = info.voters.map((one) => ({
    replicaId: one.voter.id,
    replicaDirectoryId: one.voter.directoryId,
    logEndOffset: one.logEndOffset,
    lastFetchTimestamp: one.lastFetchTimestamp,
    lastCaughtUpTimestamp: one.lastCaughtUpTimestamp,
  }));
  const nodes = info.voters.map(({ voter }) => ({ nodeId: voter.id, listeners: voter.endpoints }));
  return {
    leaderId: info.leaderId,
    leaderEpoch: info.leaderEpoch,
    highWatermark: info.highWatermark,
    voters,
    observers: [],
    nodes,
  };
}
