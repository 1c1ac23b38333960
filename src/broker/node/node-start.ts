// How a node is built: the only place that builds everything, in the order in which it depends on each other. Directories that
// are there are locked first, so that nobody is listened to where another broker works; then ports are bound, before anything
// is made on a disk. Requests that come early wait until the partitions are there.
import { resolve } from 'node:path';
import type { RequestStage } from '../../api-handlers/index.ts';
import { kraftConfig, type TokenRules } from '../../kraft/controller/index.ts';
import { type DirectoryFailure, logConfig } from '../../log/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import { AllocateProducerIds } from '../../protocol/messages/67-allocate-producer-ids.ts';
import { ConfigError, type Disk, parseConfigs, type Runtime } from '../../runtime/index.ts';
import { ProducerIds } from '../../transaction-coordinator/index.ts';
import { BrokerConfigDescriber } from '../configs/config-describer.ts';
import { configPolicy } from '../configs/config-policy.ts';
import { ConfigValidators } from '../configs/config-validators.ts';
import { brokerConfig, connectionOverrides } from '../configs/config.ts';
import { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import type { LoggerLevels } from '../configs/logger-levels.ts';
import { declaredKeys } from '../configs/room-configs.ts';
import { type Settings, StartError } from '../configs/settings.ts';
import type { ConnectionLimits, Listener } from '../network/listener.ts';
import { SocketServer } from '../network/socket-server.ts';
import { openAccess } from './access-parts.ts';
import { openAddedDirectories } from './added-directories.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { Coordinators } from './coordinators.ts';
import { EarlyEvents } from './early-events.ts';
import { refuseForeignDirectories } from './foreign-directories.ts';
import type { NodeParts } from './handler-parts.ts';
import { MetadataNode } from './metadata-node.ts';
import { type NodeDirectories, openNodeDirectories } from './node-directories.ts';
import { NodeLocks } from './node-locks.ts';
import { ShareGroups } from './share-groups.ts';
import { requestStages } from './stages.ts';
import { StorageNode } from './storage-node.ts';

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
  /** The open ports of the node whose place this one takes; left out, ports are opened. */
  readonly socketServer?: SocketServer | undefined;
  /** Where key stores and the like are; left out: the disk of the runtime, which may be one in memory. */
  readonly configDisk?: Disk | undefined;
  /** Stages that requests pass last before their handlers. */
  readonly stages?: readonly RequestStage[] | undefined;
}

/** All parts of a node, and what happens to them. */
export interface StartedParts extends NodeParts {
  readonly stages: readonly RequestStage[];
  readonly socketServer: SocketServer;
  readonly locks: NodeLocks;
  readonly directories: NodeDirectories;
  /** The metadata log cannot be written or read any more, or the lock of a directory is lost. */
  readonly metadataFailures: EarlyEvents<Error>;
  readonly directoryFailures: EarlyEvents<DirectoryFailure>;
}

/** What there is of a node whose start has not come to its end. */
type Opened = { -readonly [Part in 'locks' | 'socketServer' | 'metadata' | 'storage']?: StartedParts[Part] };

/** Builds and registers a node that answers nobody yet. When it rejects, what had been opened is closed again. */
export async function startParts(options: BrokerNodeOptions): Promise<StartedParts> {
  const opened: Opened = {};
  try {
    return await openParts(options, opened);
  } catch (error) {
    await abandon(opened, options.runtime);
    throw error;
  }
}

async function openParts(options: BrokerNodeOptions, opened: Opened): Promise<StartedParts> {
  const { runtime, settings, loggers, progress } = options;
  const { nodeId } = settings.broker;
  const accessParts = await openAccess(runtime, settings);
  const configs = new BrokerConfigs({
    nodeId,
    keys: declaredKeys(),
    entries: settings.entries,
    logger: runtime.logger,
  });
  const metadataFailures = new EarlyEvents<Error>();
  const lockParts = { disk: runtime.disk, logger: runtime.logger.child('log'), lockLost: metadataFailures.tell };
  const { metadataLogDir } = parseConfigs(kraftConfig, settings.entries);
  refuseForeignDirectories(runtime.disk, lockParts.logger, [
    ...settings.logDirs,
    ...(metadataLogDir === null ? [] : [resolve(metadataLogDir)]),
  ]);
  const locks = await NodeLocks.ofExisting(lockParts, { logDirs: settings.logDirs, metadataLogDir });
  opened.locks = locks;
  const socketServer = (opened.socketServer = await takePorts(options, configs));
  const { directories, metadata } = await openMetadata(options, { configs, locks, failures: metadataFailures }, opened);
  configs.load(metadata.image);

  const unsentBytes = (): number => socketServer.unsent.total;
  const storageOptions = { runtime, settings, configs, directories, metadata, unsentBytes, progress };
  const directoryFailures = new EarlyEvents<DirectoryFailure>();
  const storage = (opened.storage = await StorageNode.open(storageOptions, directoryFailures.tell));
  const { replicas } = storage;
  followMetadata(socketServer, configs, () => metadata.image);
  const producerIds = producerIdsFrom(metadata, nodeId);
  const coordinators = new Coordinators({
    runtime,
    nodeId,
    configs,
    replicas,
    producerIds,
    createTopics: (topics) =>
      metadata.controller.send(CreateTopics, { topics: [...topics], timeoutMs: 30_000, validateOnly: false }),
  });
  const shareGroups = new ShareGroups({ runtime, configs, replicas, persister: coordinators.shareStates });
  const { snapshots, registration, loader } = metadata;
  await loader.install([...accessParts.accessPublishers, configs, replicas, coordinators, snapshots, registration]);
  replicas.start();

  await register(settings, { metadata, socketServer, storage, directories });
  storage.start();
  return {
    runtime,
    settings,
    configs,
    socketServer,
    locks,
    ...accessParts,
    stages: requestStages(runtime.clock, accessParts, options.stages ?? []),
    telemetry: new Telemetry({ runtime, image: () => replicas.image, settings: settings.broker }),
    directories,
    metadata,
    storage,
    coordinators,
    producerIds,
    shareGroups,
    configDescriber: new BrokerConfigDescriber(configs, () => replicas.image, loggers),
    configValidators: new ConfigValidators(configs, () => replicas.image, loggers),
    metadataFailures,
    directoryFailures,
  };
}

function register(
  settings: Settings,
  {
    metadata,
    socketServer,
    storage,
    directories,
  }: Pick<StartedParts, 'metadata' | 'socketServer' | 'storage' | 'directories'>,
): Promise<void> {
  return metadata.registration.register({
    listeners: settings.listeners.map((endpoint) => toldEndpoint(settings, endpoint, socketServer.listeners)),
    rack: settings.broker.brokerRack,
    previousBrokerEpoch: storage.logs.previousBrokerEpoch,
    logDirs: directories.logDirs.online.flatMap(({ path }) => directories.ids.get(path) ?? []),
  });
}

function producerIdsFrom(metadata: MetadataNode, nodeId: number): ProducerIds {
  return new ProducerIds(async () => {
    const { producerIdStart: start, producerIdLen: length } = await metadata.controller.send(AllocateProducerIds, {
      brokerId: nodeId,
      brokerEpoch: metadata.brokerEpoch,
    });
    return { start, length };
  });
}

/** The directories, and this node's part in the quorum, which has become leader when this resolves. */
async function openMetadata(
  options: BrokerNodeOptions,
  parts: { readonly configs: BrokerConfigs; readonly locks: NodeLocks; readonly failures: EarlyEvents<Error> },
  opened: Opened,
): Promise<Pick<StartedParts, 'directories' | 'metadata'>> {
  const { runtime, settings, loggers, clusterId } = options;
  const { configs, locks, failures } = parts;
  const config = parseConfigs(kraftConfig, settings.entries);
  const controllerListeners = settings.controllerListeners.map((endpoint) =>
    toldEndpoint(settings, endpoint, opened.socketServer?.controllerListeners ?? []),
  );
  const directories = await openNodeDirectories({
    runtime,
    settings,
    clusterId,
    controllerEndpoints: controllerListeners,
    locks,
  });
  const metadata = await MetadataNode.open({
    runtime,
    nodeId: settings.broker.nodeId,
    node: directories.formatted,
    config,
    logConfig: parseConfigs(logConfig, settings.entries),
    isInMemory: settings.durability === 'memory',
    wasClosed: directories.logDirs.at(directories.metadataLogDir)?.isClean === true,
    controllerListeners,
    tokens: tokenRulesOf(settings),
    policy: (image) =>
      configPolicy(
        configs,
        new ConfigValidators(configs, image, loggers),
        new BrokerConfigDescriber(configs, image, loggers),
      ),
    failed: failures.tell,
  });
  opened.metadata = metadata;
  openAddedDirectories({
    disk: runtime.disk,
    logger: runtime.logger.child('log'),
    nodeId: settings.broker.nodeId,
    image: metadata.image,
    directories,
  });
  return { directories, metadata };
}

function tokenRulesOf({ authentication }: Settings): TokenRules {
  return {
    secret: authentication.delegationTokenSecretKey,
    maxLifetimeMs: authentication.delegationTokenMaxLifetimeMs,
    renewMs: authentication.delegationTokenExpiryTimeMs,
    sweepEveryMs: authentication.delegationTokenExpiryCheckIntervalMs,
  };
}

async function takePorts(options: BrokerNodeOptions, configs: BrokerConfigs): Promise<SocketServer> {
  const { runtime, settings, poisonBuffers = false } = options;
  const limits = (): ConnectionLimits => {
    const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides } = configs.current(dynamicLimits);
    const ofAddress = connectionOverrides(maxConnectionsPerIpOverrides);
    const { connectionsMaxIdleMs: maxIdleMs, maxRequestBytes } = settings.broker;
    return { maxConnections, maxConnectionsPerIp, ofAddress, maxIdleMs, maxRequestBytes };
  };
  if (options.socketServer !== undefined) {
    options.socketServer.belongTo(limits);
    return options.socketServer;
  }
  return SocketServer.open({ runtime, settings, poisonBuffers, guards: await openGuards(options) }, limits);
}

/** What it takes to keep anybody out is loaded where a listener does. */
async function openGuards({ runtime, settings, configDisk: disk = runtime.disk }: BrokerNodeOptions) {
  if (settings.security.size === 0) return undefined;
  const { Guards } = await import('../security/guards.ts');
  try {
    return await Guards.open({ runtime, settings, disk });
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  }
}

/** Users and tokens come from the metadata, and dynamic configs of listeners count. */
function followMetadata({ guards }: SocketServer, configs: BrokerConfigs, image: () => MetadataImage): void {
  if (guards === undefined) return;
  guards.follow(image);
  configs.onChange((changed) => void guards.reload(configs.effectiveEntries, changed));
}

/** What the cluster is told of a listener: what it advertises, or where it listens; an open one knows its port. */
function toldEndpoint(settings: Settings, endpoint: Endpoint, opened: readonly Listener[]): Endpoint {
  const listener = opened.find(({ name }) => name === endpoint.name);
  if (listener === undefined) return endpoint;
  return settings.advertised.get(endpoint.name) ?? { name: endpoint.name, host: listener.host, port: listener.port };
}

/** Lets go of everything and marks nothing as clean. */
async function abandon({ socketServer, locks, metadata, storage }: Opened, runtime: Runtime): Promise<void> {
  await socketServer?.stopAccepting();
  socketServer?.closeConnections();
  await metadata?.close().catch((error: unknown) => {
    runtime.logger.log('warn', 'could not close the metadata log', { error: String(error) });
  });
  storage?.abandon();
  locks?.release();
}

const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides } = brokerConfig;
const dynamicLimits = { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides };
