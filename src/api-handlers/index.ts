// What the broker needs of the handlers: their form, and the list of them. Each handler is loaded when first asked for.
export {
  AFTER_SENT,
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
export { Access, type AuditLog } from './access.ts';
export { javaAddress } from './java-address.ts';
export { type Authorizer, DenialWithText, OPEN_TO_ALL, type Permission } from './permission.ts';
export { type ActiveQuotas, type MutationQuota, NO_QUOTAS, type Quotas } from './quotas.ts';
export type { SecurityProtocol, Session } from './session.ts';
export type { RequestStage, StagedRequest, Verdict } from './stage.ts';
export type {
  ConfigChange,
  ConfigDescriber,
  ConfigGate,
  ConfigSynonym,
  DescribedConfig,
} from './config-entries.ts';
/** For those who read requests and know only the handlers' room. */
export { RESOURCE_TOPIC } from '../kraft/metadata/index.ts';
export { AutoTopicCreation, type AutoCreationSettings } from './auto-topic-creation.ts';
export { StreamsTopics } from './streams-topics.ts';
export type { Address, BrokerIdentity } from './broker-endpoints.ts';
export { isInternalTopic } from './topic-names.ts';
export type {
  ClientTelemetry,
  TelemetryAccess,
  TelemetryClient,
  TelemetrySubscription,
} from './client-telemetry.ts';
export { isNamedSoftware } from './client-software.ts';
export type { CoordinatorKind } from './10-find-coordinator.ts';
export { brokerHandlers, type HandlerParts } from './broker-handlers.ts';
export { brokerToControllerHandlers, type ControllerParts, controllerHandlers } from './controller-handlers.ts';
export type { ServedApi } from './served-api.ts';
export type {
  ControllerChannel,
  ForwardedFrom,
  QuorumNode,
  QuorumReplica,
  QuorumState,
} from './controller-requests.ts';
export type { Features } from './18-api-versions.ts';
export type { AnswerForwarded } from './58-envelope.ts';
