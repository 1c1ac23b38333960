// The metadata of the cluster: records, images, deltas, and the loader that turns the one into the other.
export {
  ACL_ANY,
  type AclFilter,
  matchesAclFilter,
} from './acl-filter.ts';
export type { AclEntry, AclsImage } from './image/acls-image.ts';
export { isAddress } from './address.ts';
export {
  type ClientQuotasImage,
  type EntityQuotas,
  quotaEntity,
  quotaEntityKey,
  type QuotaEntityPart,
} from './image/client-quotas-image.ts';
export {
  type BrokerRegistration,
  type ClusterImage,
  type ControllerRegistration,
  type FeatureRange,
  type RegisteredEndpoint,
} from './image/cluster-image.ts';
export {
  type ConfigResource,
  ConfigsImage,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from './image/configs-image.ts';
export {
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  type FeaturesImage,
  GROUP_VERSION,
  isElrEnabled,
  KRAFT_VERSION,
  METADATA_VERSION,
  SHARE_VERSION,
  STREAMS_VERSION,
  SUPPORTED_FEATURES,
  TRANSACTION_VERSION,
  transactionVersionOf,
} from './image/features-image.ts';
export {
  bumpsLeaderEpochOnIsrShrink,
  hasControllerRegistrations,
  hasCordonedDirectories,
  hasDelegationTokens,
  hasDirectoryAssignment,
  hasMetadataChanged,
  hasMetadataTransactions,
  hasScram,
  LATEST_METADATA_VERSION,
  MINIMUM_METADATA_VERSION,
  metadataVersionName,
  metadataVersionOf,
  partitionRecordVersion,
  registerBrokerRecordVersion,
} from './image/metadata-versions.ts';
export { checkLevels, newerRecordsFault, UnsupportedLevelError } from './supported-levels.ts';
export { MetadataDelta } from './delta/metadata-delta.ts';
export { MetadataImage } from './image/metadata-image.ts';
export { type Manifest, MetadataLoader, type MetadataPublisher } from './metadata-loader.ts';
export {
  changedPartition,
  DIRECTORY_MIGRATING,
  DIRECTORY_UNASSIGNED,
  hasOnlineDirectory,
  isReservedDirectory,
  NO_LEADER,
  NO_LEADER_CHANGE,
  NO_RECOVERY_CHANGE,
  type PartitionImage,
  RECOVERED,
  RECOVERING,
} from './image/partition-image.ts';
export type { DelegationToken, DelegationTokensImage } from './image/delegation-tokens-image.ts';
export type { ScramCredential, ScramImage } from './image/scram-image.ts';
export type { ScramChange } from './delta/scram-delta.ts';
export { PersistentMap } from './image/persistent-map.ts';
export { randomUuid } from './random-uuid.ts';
export * from './records/index.ts';
export { SnapshotGenerator, type SnapshotGeneratorOptions } from './snapshot-generator.ts';
export { deltaFromNothing, snapshotRecords } from './snapshot-records.ts';
export type { TopicDelta } from './delta/topic-delta.ts';
export { type TopicImage, TopicsImage } from './image/topics-image.ts';
