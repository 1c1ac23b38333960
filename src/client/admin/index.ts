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
export type {
  AclBinding,
  AclBindingFilter,
  AclOperationOrAny,
  AclPatternType,
  AclPermission,
  AclResource,
} from './acls.ts';
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
  GroupOffset,
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
export type {
  CreateTokenOptions,
  DelegationToken,
  DescribeTokensOptions,
  ExpireTokenOptions,
  Principal,
  RenewTokenOptions,
} from './delegation-tokens.ts';
export type {
  ClassicGroupDescription,
  ConsumerGroupDescription,
  DescribeGroupsOptions,
  GroupMemberDescription,
} from './describe-groups.ts';
export type {
  DescribeFeaturesOptions,
  FeatureDescription,
  FeatureRange,
  FeatureUpdate,
  UpdateFeaturesOptions,
} from './features.ts';
export type { MemberToRemove, RemoveMembersOptions } from './groups.ts';
export type { BrokerReplica, LogDirDescription, ReplicaInfo, ReplicaLogDir, ReplicaToMove } from './log-dirs.ts';
export type { DescribeProducersOptions, HangingTransaction, PartitionProducer } from './partition-producers.ts';
export type { QuorumDescription, QuorumEndpoint, QuorumReplica, RaftVoter, RaftVoterOptions } from './quorum.ts';
export type {
  AlterQuotasOptions,
  ClientQuotas,
  QuotaAlteration,
  QuotaEntity,
  QuotaFilter,
  QuotaFilterComponent,
} from './quotas.ts';
export type { AlterReassignmentsOptions, ElectionType, PartitionReassignment, WantedReplicas } from './reassignment.ts';
export type { ScramCredential, ScramDeletion, ScramUpsertion } from './scram.ts';
export type {
  AskedShareOffsets,
  NewShareOffset,
  OffsetsOfShareGroup,
  ShareGroupDescription,
  ShareMemberDescription,
  ShareOffset,
} from './share-groups.ts';
export type {
  StreamsAssignment,
  StreamsGroupDescription,
  StreamsMemberDescription,
  StreamsSubtopology,
  StreamsTaskOffset,
  StreamsTasks,
  StreamsTopic,
} from './streams-groups.ts';
export type {
  FencedProducer,
  ListedTransaction,
  ListTransactionsOptions,
  TransactionDescription,
} from './transactions.ts';
