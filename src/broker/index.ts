// The broker as its users see it.
export type {
  AclOption,
  Broker,
  Neighbours,
  QuotaOption,
  RegistryOption,
  StartOptions,
  TopicOption,
  TransactionSnapshot,
  TransactionStateName,
} from './embedding/embedding.ts';
export type {
  GroupMemberSnapshot,
  GroupOffsetSnapshot,
  GroupSnapshot,
  GroupStateName,
  PendingOffsetSnapshot,
  ShareStartOffsetSnapshot,
} from '../group-coordinator/snapshots/index.ts';
export type { Cluster, ClusterNode, ClusterOptions } from './embedding/cluster.ts';
export { isKnownConfig, startBroker, startCluster } from './embedding/start-broker.ts';
export type { PushedMetrics } from './telemetry/pushed-metrics.ts';
export { type Profile, StartError } from './configs/start-error.ts';
export type { Durability } from '../runtime/index.ts';
export { textLogger } from '../runtime/node/index.ts';
export type { KafkaErrorName } from '../testing/index.ts';
export type { RequestBodies } from '../testing/index.ts';
export type {
  ApiName,
  BrokerRequest,
  HistoryOptions,
  PlannedFailure,
  RecordedRequest,
  RecordedRequestOf,
  RequestAnswer,
  RequestFilter,
  RequestHook,
  RequestMatch,
  RequestOf,
} from '../testing/index.ts';
