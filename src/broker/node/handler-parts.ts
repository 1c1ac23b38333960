// What the handlers of requests take, out of the parts of this node.
import { AutoTopicCreation, type BrokerIdentity, type HandlerParts, StreamsTopics } from '../../api-handlers/index.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { KRAFT_VERSION, type MetadataImage, SUPPORTED_FEATURES } from '../../kraft/metadata/index.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import type { QuorumInfo } from '../../kraft/raft/index.ts';
import { parseConfigs, type Runtime } from '../../runtime/index.ts';
import type { ProducerIds } from '../../transaction-coordinator/index.ts';
import type { BrokerConfigDescriber } from '../configs/config-describer.ts';
import type { ConfigValidators } from '../configs/config-validators.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Settings } from '../configs/settings.ts';
import { AdvertisedListeners } from '../network/advertised.ts';
import type { AccessParts } from './access-parts.ts';
import type { Coordinators } from './coordinators.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { MetadataNode } from './metadata-node.ts';
import type { ShareGroups } from './share-groups.ts';
import type { StorageNode } from './storage-node.ts';

export interface NodeParts extends AccessParts {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly configs: BrokerConfigs;
  readonly metadata: MetadataNode;
  readonly storage: StorageNode;
  readonly telemetry: Telemetry;
  readonly coordinators: Coordinators;
  readonly producerIds: ProducerIds;
  readonly shareGroups: ShareGroups;
  readonly configDescriber: BrokerConfigDescriber;
  readonly configValidators: ConfigValidators;
}

export function handlerParts(parts: NodeParts): HandlerParts {
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
    features: () => ({
      supported: supportedFeatures,
      finalized: new Map([...metadata.image.features.levels, [KRAFT_VERSION, metadata.raft.kraftVersion]]),
      epoch: metadata.image.offset,
    }),
    quorum: () => quorumState(metadata),
    groups: () => coordinators.groups.coordinator(),
    shareStates: () => coordinators.shares.coordinator(),
    sharePartitions: () => parts.shareGroups.manager(),
    coordinators: coordinators.kinds,
    transactions: () => coordinators.transactions.coordinator(),
    markers: coordinators.markers,
    access: parts.access,
    audit: parts.securityLog,
    quotas: parts.quotas,
    defaultPartitions: parseConfigs({ numPartitions: kraftConfig.numPartitions }, settings.entries).numPartitions,
    verifier: coordinators.verifier,
    producerIds: parts.producerIds,
    tokenHmac: tokenHmacOf(settings),
    maxPartitionsDescribed: settings.broker.maxRequestPartitionSizeLimit,
  };
}

function tokenHmacOf({ authentication }: Settings): HandlerParts['tokenHmac'] {
  const { delegationTokenSecretKey: secret } = authentication;
  if (secret === null) return undefined;
  return async (tokenId) =>
    (await import('../security/authentication/token-credentials.ts')).tokenHmac(secret, tokenId);
}

const supportedFeatures = SUPPORTED_FEATURES.map((feature) => ({
  name: feature.name,
  minVersion: feature.minSupportedVersion,
  maxVersion: feature.maxSupportedVersion,
}));

function identityOf({ runtime, settings, metadata, storage }: NodeParts): BrokerIdentity {
  return {
    brokerId: settings.broker.nodeId,
    clusterId: metadata.clusterId,
    advertisedFor: new AdvertisedListeners(settings.advertised, runtime.logger.child('network')).addressFor,
    image: (): MetadataImage => storage.replicas.image,
  };
}

function autoCreationOf({ runtime, settings, coordinators, metadata }: NodeParts): AutoTopicCreation {
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

/** The quorum as DescribeQuorum tells it. */
function quorumState({ raft }: MetadataNode): ReturnType<HandlerParts['quorum']> {
  const info = raft.quorumInfo;
  const told = ({ id, directoryId, ...progress }: QuorumInfo['replicas'][number]) => {
    return { replicaId: id, replicaDirectoryId: directoryId, ...progress };
  };
  const nodes = info.voters.map(({ id, endpoints }) => ({ nodeId: id, listeners: endpoints }));
  return {
    leaderId: info.leaderId,
    leaderEpoch: info.leaderEpoch,
    highWatermark: info.highWatermark,
    voters: info.replicas.map(told),
    observers: info.observers.map(told),
    nodes,
  };
}
