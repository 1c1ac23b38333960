// What the handlers of requests take, out of the parts of this node.
import {
  type Address,
  AutoTopicCreation,
  type BrokerIdentity,
  type Features,
  type HandlerParts,
  StreamsTopics,
} from '../../api-handlers/index.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { KRAFT_VERSION, type MetadataImage, SUPPORTED_FEATURES } from '../../kraft/metadata/index.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import { parseConfigs } from '../../runtime/index.ts';
import type { ProducerIds } from '../../transaction-coordinator/index.ts';
import { isEveryAddress } from '../configs/endpoints.ts';
import { AdvertisedListeners } from '../network/advertised.ts';
import type { ClusterPeers } from '../network/cluster-peers.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Coordinators } from './coordinators.ts';
import type { BrokerLifecycle } from './lifecycle/broker-lifecycle.ts';
import type { MetadataNode } from './metadata-node.ts';
import type { NodeBase } from './node-base.ts';
import { quorumState } from './replica-operations.ts';
import type { ShareGroups } from './share-groups.ts';
import type { StorageNode } from './storage-node.ts';

/** What a broker has beside that. */
export interface BrokerParts extends NodeBase {
  readonly storage: StorageNode;
  readonly lifecycle: BrokerLifecycle;
  readonly peers: ClusterPeers;
  readonly telemetry: Telemetry;
  readonly coordinators: Coordinators;
  readonly producerIds: ProducerIds;
  readonly shareGroups: ShareGroups;
}

export function handlerParts(parts: BrokerParts): HandlerParts {
  const { settings, metadata, storage, coordinators } = parts;
  return {
    replicas: storage.replicas,
    identity: identityOf(parts),
    controller: metadata.controller,
    autoCreation: autoCreationOf(parts),
    streamsTopics: new StreamsTopics(createTopicsThrough(metadata), parts.runtime.logger.child('metadata')),
    telemetry: parts.telemetry,
    configDescriber: parts.configDescriber,
    configGate: parts.configValidators,
    access: parts.access,
    audit: parts.securityLog,
    quotas: parts.quotas,
    defaultPartitions: defaultPartitions(parts),
    features: () => featuresOf(metadata),
    quorum: () => quorumState(metadata.raft),
    groups: () => coordinators.groups.coordinator(),
    shareStates: () => coordinators.shares.coordinator(),
    sharePartitions: () => parts.shareGroups.manager(),
    coordinators: coordinators.kinds,
    transactions: () => coordinators.transactions.coordinator(),
    markers: coordinators.markers,
    verifier: coordinators.verifier,
    producerIds: parts.producerIds,
    tokenHmac: tokenHmacOf(settings),
    maxPartitionsDescribed: settings.broker.maxRequestPartitionSizeLimit,
  };
}

function tokenHmacOf({ authentication }: NodeBase['settings']): HandlerParts['tokenHmac'] {
  const { delegationTokenSecretKey: secret } = authentication;
  if (secret === null) return undefined;
  return async (tokenId) =>
    (await import('../security/authentication/token-credentials.ts')).tokenHmac(secret, tokenId);
}

/** num.partitions */
export function defaultPartitions({ settings }: Pick<NodeBase, 'settings'>): number {
  return parseConfigs({ numPartitions: kraftConfig.numPartitions }, settings.entries).numPartitions;
}

export function featuresOf({ image, raft }: MetadataNode): Features {
  return {
    supported: supportedFeatures,
    finalized: new Map([...image.features.levels, [KRAFT_VERSION, raft.kraftVersion]]),
    epoch: image.offset,
  };
}

const supportedFeatures = SUPPORTED_FEATURES.map((feature) => ({
  name: feature.name,
  minVersion: feature.minSupportedVersion,
  maxVersion: feature.maxSupportedVersion,
}));

function identityOf({ runtime, settings, metadata, storage }: BrokerParts): BrokerIdentity {
  const brokerId = settings.broker.nodeId;
  const image = (): MetadataImage => storage.replicas.image;
  /** As this node has registered it; undefined where there are no others, or it has registered none that anybody reaches. */
  const toldByOthers = (listener: string): Address | undefined => {
    const { brokers } = image().cluster;
    if (brokers.size < 2) return undefined;
    const endpoint = brokers.get(brokerId)?.listeners.find(({ name }) => name === listener);
    return endpoint === undefined || isEveryAddress(endpoint.host) ? undefined : endpoint;
  };
  const logger = runtime.logger.child('network');
  return {
    brokerId,
    clusterId: metadata.clusterId,
    advertisedFor: new AdvertisedListeners(settings.advertised, toldByOthers, logger).addressFor,
    image,
  };
}

function autoCreationOf({ runtime, settings, coordinators, metadata }: BrokerParts): AutoTopicCreation {
  return new AutoTopicCreation(
    {
      isEnabled: () => settings.broker.autoCreateTopicsEnable,
      waitsForInternalTopics: settings.broker.coordinatorTopicWait,
      internalTopics: coordinators.internalTopics,
    },
    createTopicsThrough(metadata),
    runtime.logger.child('metadata'),
  );
}

const CREATION_TIMEOUT_MS = 30_000;

const createTopicsThrough =
  ({ controller }: MetadataNode): ConstructorParameters<typeof StreamsTopics>[0] =>
  (topics) =>
    controller.send(CreateTopics, { topics: [...topics], timeoutMs: CREATION_TIMEOUT_MS, validateOnly: false });
