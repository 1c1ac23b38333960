// How the rooms of a broker are built, in the order in which they depend on each other (Kafka: BrokerServer.startup): the broker is
// registered, still fenced, before its logs are opened; it may lead when they are there and the metadata has been taken in.
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import { AllocateProducerIds } from '../../protocol/messages/67-allocate-producer-ids.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { parseConfigs } from '../../runtime/index.ts';
import { ProducerIds } from '../../transaction-coordinator/index.ts';
import { brokerConfig } from '../configs/config.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { protectedEndpoints } from '../configs/listener-security.ts';
import { connectLimits } from '../network/connect-limits.ts';
import { ClusterPeers } from '../network/cluster-peers.ts';
import { SOFTWARE } from '../network/software.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { openAddedDirectories } from './added-directories.ts';
import { followCordoned } from './cordoned-directories.ts';
import { Coordinators } from './coordinators.ts';
import type { BrokerParts } from './handler-parts.ts';
import { BrokerLifecycle } from './lifecycle/broker-lifecycle.ts';
import type { MetadataNode } from './metadata-node.ts';
import type { NodeBase } from './node-base.ts';
import { ShareGroups } from './share-groups.ts';
import { StorageNode } from './storage-node.ts';

export interface BrokerStartOptions {
  /** What the cluster is told of the client listeners. */
  readonly endpoints: readonly Endpoint[];
  readonly progress: ((done: number, total: number) => void) | undefined;
}

/** What there is of a broker whose start has not come to its end. */
export type OpenedBroker = { -readonly [Part in 'storage' | 'lifecycle' | 'peers']?: BrokerParts[Part] };

/** Registers and builds a broker that answers nobody yet. The metadata of the cluster is known. */
export async function startBrokerParts(
  base: NodeBase,
  { endpoints, progress }: BrokerStartOptions,
  opened: OpenedBroker,
): Promise<BrokerParts> {
  const { runtime, settings, configs, directories, metadata, socketServer } = base;
  const { nodeId } = settings.broker;
  openAddedDirectories({
    disk: runtime.disk,
    logger: runtime.logger.child('log'),
    nodeId,
    image: metadata.image,
    directories,
  });
  configs.load(metadata.image);
  const lifecycle = (opened.lifecycle = lifecycleOf(base, endpoints));
  metadata.onLeaderChange(() => lifecycle.controllerChanged());
  // Without its metadata it would wait for ever to see itself among the brokers.
  base.metadataFailures.watch(() => lifecycle.close());
  await lifecycle.register();
  const peers = (opened.peers = peersOf(base));
  const storageOptions = {
    runtime,
    settings,
    configs,
    directories,
    metadata,
    lifecycle,
    peers,
    progress,
    unsentBytes: () => socketServer.unsent.total,
  };
  followCordoned(base, lifecycle);
  const storage = (opened.storage = await StorageNode.open(storageOptions, base.directoryFailures.tell));
  const { replicas } = storage;
  const producerIds = producerIdsFrom(metadata, lifecycle, nodeId);
  const coordinators = new Coordinators({
    runtime,
    nodeId,
    configs,
    replicas,
    producerIds,
    peers,
    leastBrokers: leastBrokersOf(base),
    createTopics: (topics) =>
      metadata.controller.send(CreateTopics, { topics: [...topics], timeoutMs: 30_000, validateOnly: false }),
  });
  const shareGroups = new ShareGroups({ runtime, configs, replicas, persister: coordinators.shareStates });
  const publishers = [
    ...base.accessPublishers,
    configs,
    replicas,
    coordinators,
    shareGroups,
    metadata.controller,
    metadata.snapshots,
    lifecycle,
  ];
  const { controllerRegistration } = base;
  await metadata.loader.install(
    controllerRegistration === undefined ? publishers : [...publishers, controllerRegistration],
  );
  await replicas.start();
  await lifecycle.unfence();
  storage.start();
  const telemetry = new Telemetry({ runtime, image: () => replicas.image, settings: settings.broker });
  return { ...base, storage, lifecycle, peers, telemetry, coordinators, producerIds, shareGroups };
}

/** Voters that are brokers too are all to come; a broker without the role of a controller knows of no number, as in Kafka. */
function leastBrokersOf({ settings }: NodeBase): number {
  if (!settings.roles.isController) return Number.POSITIVE_INFINITY;
  return Math.max(1, parseConfigs(kraftConfig, settings.entries).quorumVoters.length);
}

function lifecycleOf(
  { runtime, settings, directories, metadata, metadataFailures }: NodeBase,
  endpoints: readonly Endpoint[],
) {
  const { brokerSessionTimeoutMs, heartbeatIntervalMs, registrationTimeoutMs } = parseConfigs(
    { ...kraftConfig, ...lifecycleConfig },
    settings.entries,
  );
  const { online } = directories.logDirs;
  const areClean = online.every(({ isClean, previousBrokerEpoch }) => {
    return isClean && previousBrokerEpoch === online[0]?.previousBrokerEpoch;
  });
  return new BrokerLifecycle({
    controller: metadata.lifecycleChannel,
    facts: {
      nodeId: settings.broker.nodeId,
      clusterId: metadata.clusterId,
      incarnationId: metadata.incarnationId,
      listeners: protectedEndpoints(endpoints, settings.security),
      rack: settings.broker.brokerRack,
      previousBrokerEpoch: areClean ? (online[0]?.previousBrokerEpoch ?? -1) : -1,
      logDirs: online.flatMap(({ path }) => directories.ids.get(path) ?? []),
    },
    times: {
      heartbeatIntervalMs,
      sessionTimeoutMs: brokerSessionTimeoutMs,
      registrationTimeoutMs,
      directoryFailureMs: settings.broker.logDirFailureTimeoutMs,
    },
    untold: metadataFailures.tell,
    image: () => metadata.image,
    appliedOffset: () => metadata.loader.lastAppliedOffset,
    isAlone: () => metadata.isAlone,
    clock: runtime.clock,
    logger: runtime.logger.child('lifecycle'),
  });
}

const { heartbeatIntervalMs, registrationTimeoutMs } = brokerConfig;
const lifecycleConfig = { heartbeatIntervalMs, registrationTimeoutMs };

function peersOf({ runtime, settings, metadata, peerSecurity }: NodeBase): ClusterPeers {
  const { nodeId } = settings.broker;
  return new ClusterPeers({
    runtime,
    nodeId,
    software: SOFTWARE,
    image: () => metadata.image,
    listenerName: settings.interBroker.name,
    security: peerSecurity.broker,
    limits: { ...connectLimits(settings), requestTimeoutMs: settings.broker.requestTimeoutMs },
  });
}

function producerIdsFrom(metadata: MetadataNode, lifecycle: BrokerLifecycle, nodeId: number): ProducerIds {
  return new ProducerIds(async () => {
    const { producerIdStart: start, producerIdLen: length } = await metadata.controller.send(AllocateProducerIds, {
      brokerId: nodeId,
      brokerEpoch: lifecycle.brokerEpoch,
    });
    return { start, length };
  });
}
