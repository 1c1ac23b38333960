// What the broker needs of the handlers: their form, and the list of them. Each handler is loaded when first asked for.
export {
  AFTER_SENT,
  type AnyHandler,
  CLOSE,
  ConnectionState,
  type ConnectionWaiter,
  defineHandler,
  failureOf,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
  type SentWaiter,
  type UnnamedPartition,
} from './handler.ts';
export {
  type ConfigChange,
  type ConfigDescriber,
  type ConfigGate,
  type ConfigSynonym,
  type DescribedConfig,
  ResourceType,
} from './config-entries.ts';
export { AutoTopicCreation, type AutoCreationSettings } from './auto-topic-creation.ts';
export type { Address, BrokerIdentity } from './broker-endpoints.ts';
export { isInternalTopic, topicNameFault } from './topic-names.ts';
export type { CoordinatorKind } from './10-find-coordinator.ts';
export { brokerHandlers, type HandlerParts, type ServedApi } from './broker-handlers.ts';
export { controllerHandlers } from './controller-handlers.ts';
export type {
  ClusterController,
  ConfigController,
  QuorumNode,
  QuorumReplica,
  QuorumState,
  ReplicaController,
  TopicController,
} from './controller-requests.ts';
export type { Features } from './18-api-versions.ts';
