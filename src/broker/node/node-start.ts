// How a node is built, in the order in which its parts depend on each other. Directories that are there are locked first, so that
// nobody is listened to where another broker works; then ports are bound, before anything is made on a disk. A controller
// answers as soon as it takes part in the quorum, which may wait for it; requests to a broker that come early wait until its
// partitions are there (broker-start.ts).
import { resolve } from 'node:path';
import type { RequestStage } from '../../api-handlers/index.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { quorumConfig } from '../../kraft/raft/index.ts';
import { type DirectoryFailure, logConfig } from '../../log/index.ts';
import { type Disk, parseConfigs, type Runtime, type Timer } from '../../runtime/index.ts';
import { BrokerConfigDescriber } from '../configs/config-describer.ts';
import { configPolicy } from '../configs/config-policy.ts';
import { ConfigValidators } from '../configs/config-validators.ts';
import { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import type { LoggerLevels } from '../configs/logger-levels.ts';
import { isOneOfSeveral } from '../configs/roles.ts';
import { protectedEndpoints } from '../configs/listener-security.ts';
import { declaredKeys } from '../configs/room-configs.ts';
import type { Settings } from '../configs/settings.ts';
import type { ConnectionLimits } from '../network/connection-quotas.ts';
import type { RequestMeter } from '../network/dispatcher.ts';
import { connectLimits } from '../network/connect-limits.ts';
import { SocketServer } from '../network/socket-server.ts';
import { openAccess } from './access-parts.ts';
import { connectionLimits } from './connection-limits.ts';
import { type OpenedBroker, startBrokerParts } from './broker-start.ts';
import { controllerApis } from './controller-listener.ts';
import { EarlyEvents } from './early-events.ts';
import { refuseForeignDirectories } from './foreign-directories.ts';
import type { BrokerParts } from './handler-parts.ts';
import { ControllerRegistration } from './lifecycle/controller-registration.ts';
import { RegistrationError, unreachableControllers } from './lifecycle/registration-error.ts';
import { MetadataNode } from './metadata-node.ts';
import type { NodeBase } from './node-base.ts';
import { type NodeDirectories, openNodeDirectories } from './node-directories.ts';
import { followMetadata, openGuards, openPeerSecurity, type PeerSecurity, tokenRulesOf } from './node-guards.ts';
import { NodeLocks } from './node-locks.ts';
import { quorumOptions } from './quorum-options.ts';
import { requestStages } from './stages.ts';
import { ToldEndpoints } from './told-endpoints.ts';

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
  /** Measures requests: from before all stages to behind them, and their answers. */
  readonly meter?: RequestMeter | undefined;
  /** In place of metrics.port: the node whose place this one takes had a free one. */
  readonly metricsPort?: number | undefined;
}

export interface StartedNode {
  readonly base: NodeBase;
  /** undefined: the node is a controller alone. */
  readonly broker: BrokerParts | undefined;
}

/** What there is of a node whose start has not come to its end. */
type Opened = OpenedBroker & {
  -readonly [Part in 'locks' | 'socketServer' | 'metadata' | 'metadataFailures']?: NodeBase[Part];
};

/**
 * Builds and registers a node whose broker answers nobody yet. When it rejects, what had been opened is closed again. Where the
 * disk refuses the metadata log it rejects with that: what else goes wrong then, a registration without a controller, only follows.
 */
export async function startNode(options: BrokerNodeOptions): Promise<StartedNode> {
  const opened: Opened = {};
  try {
    const { settings, progress } = options;
    const { quorumVoters } = parseConfigs(kraftConfig, settings.entries);
    const told = new ToldEndpoints(settings, quorumVoters);
    const base = await openBase(options, told, opened);
    const { metadata, socketServer, controllerRegistration, stages } = base;
    await metadata.start();
    if (metadata.ownController !== undefined) {
      socketServer.serveControllers(controllerApis(base, metadata.ownController), stages, options.meter);
    }
    if (!settings.roles.isBroker) {
      const registrations = controllerRegistration === undefined ? [] : [controllerRegistration];
      await metadata.loader.install([...base.accessPublishers, base.configs, metadata.snapshots, ...registrations]);
      return { base, broker: undefined };
    }
    await caughtUp(base);
    await controllerRegistration?.register(metadata.image);
    const endpoints = told.ofClients(socketServer.listeners);
    return { base, broker: await startBrokerParts(base, { endpoints, progress }, opened) };
  } catch (error) {
    const failure = opened.metadata?.raft.diskFailure;
    const lost = error instanceof RegistrationError ? opened.metadataFailures?.first : undefined;
    await abandon(opened, options.runtime);
    throw failure ?? lost ?? error;
  }
}

/** Rejects with RegistrationError when the controllers cannot be found within initial.broker.registration.timeout.ms. */
async function caughtUp({ runtime, settings, metadata }: NodeBase): Promise<void> {
  // The only voter has nobody to wait for.
  if (metadata.isOnlyVoter) return metadata.caughtUp();
  const { registrationTimeoutMs: longestMs } = settings.broker;
  let timer: Timer | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const { nodeId } = settings.broker;
    timer = runtime.clock.schedule(longestMs, () =>
      reject(unreachableControllers(nodeId, metadata.clusterId, settings)),
    );
  });
  await Promise.race([metadata.caughtUp(), overdue]).finally(() => timer?.cancel());
}

async function openBase(options: BrokerNodeOptions, told: ToldEndpoints, opened: Opened): Promise<NodeBase> {
  const { runtime, settings, loggers } = options;
  const accessParts = await openAccess(runtime, settings);
  const configs = new BrokerConfigs({
    nodeId: settings.broker.nodeId,
    keys: declaredKeys(),
    entries: settings.entries,
    logger: runtime.logger,
  });
  const metadataFailures = (opened.metadataFailures = new EarlyEvents<Error>());
  const lockParts = { disk: runtime.disk, logger: runtime.logger.child('log'), lockLost: metadataFailures.tell };
  const { metadataLogDir } = parseConfigs(kraftConfig, settings.entries);
  refuseForeignDirectories(runtime.disk, lockParts.logger, [
    ...settings.logDirs,
    ...(metadataLogDir === null ? [] : [resolve(metadataLogDir)]),
  ]);
  const locks = (opened.locks = await NodeLocks.ofExisting(lockParts, { logDirs: settings.logDirs, metadataLogDir }));
  const limits = connectionLimits(settings, configs, accessParts.quotas);
  const socketServer = (opened.socketServer = await takePorts(options, limits));
  configs.onChange(() => socketServer.limitsChanged());
  const controllerListeners = told.ofController(socketServer.controllerListeners);
  const peerSecurity = await openPeerSecurity(runtime, settings, configs, options.configDisk ?? runtime.disk);
  const parts = { configs, locks, failures: metadataFailures, controllerListeners, peerSecurity };
  const { directories, metadata } = await openMetadata(options, parts);
  opened.metadata = metadata;
  // A start may wait for the quorum for long, and be killed: what it has written by then was not closed in order.
  directories.logDirs.at(directories.metadataLogDir)?.metadataChanges();
  followMetadata(socketServer, configs, () => metadata.image);
  return {
    runtime,
    settings,
    configs,
    meter: options.meter,
    stages: requestStages(runtime.clock, accessParts, options.stages ?? []),
    socketServer,
    peerSecurity,
    locks,
    ...accessParts,
    directories,
    metadata,
    controllerRegistration: settings.roles.isController
      ? registrationOf(options, metadata, controllerListeners)
      : undefined,
    configDescriber: new BrokerConfigDescriber(configs, () => metadata.image, loggers),
    configValidators: new ConfigValidators(configs, () => metadata.image, loggers),
    metadataFailures,
    directoryFailures: new EarlyEvents<DirectoryFailure>(),
  };
}

function registrationOf(
  { runtime, settings }: BrokerNodeOptions,
  metadata: MetadataNode,
  listeners: readonly Endpoint[],
): ControllerRegistration {
  return new ControllerRegistration({
    controller: metadata.lifecycleChannel,
    nodeId: settings.broker.nodeId,
    incarnationId: metadata.incarnationId,
    listeners: protectedEndpoints(listeners, settings.security),
    clock: runtime.clock,
    logger: runtime.logger.child('lifecycle'),
  });
}

/** The directories, and this node's part in the quorum, which has not begun. */
async function openMetadata(
  options: BrokerNodeOptions,
  parts: {
    readonly configs: BrokerConfigs;
    readonly locks: NodeLocks;
    readonly failures: EarlyEvents<Error>;
    readonly controllerListeners: readonly Endpoint[];
    readonly peerSecurity: PeerSecurity;
  },
): Promise<{ readonly directories: NodeDirectories; readonly metadata: MetadataNode }> {
  const { runtime, settings, loggers, clusterId } = options;
  const { configs, locks, failures, controllerListeners, peerSecurity } = parts;
  const { controller: controllerSecurity } = peerSecurity;
  const config = parseConfigs(kraftConfig, settings.entries);
  const directories = await openNodeDirectories({
    runtime,
    settings,
    clusterId,
    controllerEndpoints: controllerListeners,
    isOneOfSeveral: isOneOfSeveral(settings.roles, config.quorumVoters) || joinsOthers(settings),
    locks,
  });
  const metadata = await MetadataNode.open({
    runtime,
    nodeId: settings.broker.nodeId,
    roles: settings.roles,
    node: directories.formatted,
    config,
    quorum: quorumOptions({
      runtime,
      settings,
      clusterId: directories.formatted.clusterId,
      security: controllerSecurity,
    }),
    controllerSecurity,
    channelLimits: { ...connectLimits(settings), requestTimeoutMs: settings.broker.controllerSocketTimeoutMs },
    logConfig: parseConfigs(logConfig, settings.entries),
    isInMemory: settings.durability === 'memory',
    wasClosed: directories.logDirs.at(directories.metadataLogDir)?.isMetadataClean === true,
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
  return { directories, metadata };
}

/** A controller that is to join a quorum which names its voters itself (KIP-853). */
function joinsOthers({ entries }: Settings): boolean {
  return parseConfigs(quorumConfig, entries).autoJoin;
}

async function takePorts(options: BrokerNodeOptions, limits: () => ConnectionLimits): Promise<SocketServer> {
  const { runtime, settings, poisonBuffers = false } = options;
  if (options.socketServer !== undefined) {
    options.socketServer.belongTo(limits);
    return options.socketServer;
  }
  const guards = await openGuards(runtime, settings, options.configDisk ?? runtime.disk);
  return SocketServer.open({ runtime, settings, poisonBuffers, guards }, limits);
}

/** Lets go of everything and marks nothing as clean. */
async function abandon(opened: Opened, runtime: Runtime): Promise<void> {
  const { socketServer, locks, metadata, storage, lifecycle, peers } = opened;
  lifecycle?.close();
  peers?.close();
  await socketServer?.stopAccepting();
  socketServer?.closeConnections();
  await metadata?.close().catch((error: unknown) => {
    runtime.logger.log('warn', 'could not close the metadata log', { error: String(error) });
  });
  storage?.abandon();
  locks?.release();
}
