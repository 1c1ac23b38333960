// Administration: the class, and what its methods take and answer.
export { Admin } from './admin.ts';
export type { AdminOptions } from './admin-calls.ts';
export type { ClusterDescription, DescribeClusterOptions, DescribedNode } from './cluster.ts';
export type {
  AlterOperation,
  ChangedConfigs,
  ConfigChange,
  ConfigEntry,
  ConfigResource,
  ConfigResourceType,
  ConfigSource,
  ConfigSynonym,
  ConfigType,
} from './config-entries.ts';
export type { AlterConfigsOptions, AskedConfigs, DescribeConfigsOptions } from './configs.ts';
export type {
  DescribeTopicsOptions,
  ListedTopic,
  ListTopicsOptions,
  PartitionDescription,
  TopicDescription,
} from './describe-topics.ts';
export type {
  AskedGroupOffsets,
  CommittedOffset,
  ListOffsetsOfGroupsOptions,
  OffsetsOfGroup,
  OffsetToCommit,
} from './group-offsets.ts';
export type { GroupType, ListedGroup, ListedGroups, ListGroupsOptions } from './list-groups.ts';
export type {
  AskedOffset,
  DeleteBefore,
  DeletedRecords,
  FoundOffset,
  ListOffsetsOptions,
  OffsetSpec,
} from './list-offsets.ts';
export type { ClusterNode } from './nodes.ts';
export { allOf, type Outcome, type OutcomeFor, type Outcomes, type TopicPartition, valueOf } from './outcomes.ts';
export type { ChangeOptions, CreatedConfig, CreatedTopic, NewPartitions, NewTopic, TopicToDelete } from './topics.ts';
