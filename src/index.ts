// The package's public face: a Kafka broker in your process.
//
//   const broker = await startBroker({ memory: true, topics: { orders: 3 } });
//   …                       // broker.bootstrapServers goes to any Kafka client
//   await broker.close();
export {
  type AclOption,
  type Broker,
  type Cluster,
  type ClusterNode,
  type ClusterOptions,
  type QuotaOption,
  type Durability,
  isKnownConfig,
  StartError,
  startBroker,
  startCluster,
  type StartOptions,
  type TopicOption,
  type TransactionSnapshot,
  type TransactionStateName,
} from './broker/index.ts';
export type {
  ApiName,
  BrokerRequest,
  GroupMemberSnapshot,
  GroupOffsetSnapshot,
  GroupSnapshot,
  GroupStateName,
  HistoryOptions,
  KafkaErrorName,
  PendingOffsetSnapshot,
  PlannedFailure,
  Profile,
  PushedMetrics,
  RecordedRequest,
  RecordedRequestOf,
  RequestAnswer,
  RequestBodies,
  RequestFilter,
  RequestHook,
  RequestMatch,
  RequestOf,
  ShareStartOffsetSnapshot,
} from './broker/index.ts';
export type { Clock, Logger, LogFields, LogLevel, Timer } from './runtime/index.ts';
