// The controller: decides and writes what the cluster is.
export { checkAcl } from './access/acl-control.ts';
export type { ConfigPolicy, CreatedTopicConfig } from './configs/config-policy.ts';
export type { BrokerConnection } from './cluster/broker-sessions.ts';
export { Controller } from './controller.ts';
export type { ControllerIntervals, ControllerOptions } from './controller-options.ts';
export type { CommittedMetadata, ControllerLog } from './operation-runner.ts';
export { type ControllerOperations, type ControllerRequestContext, operate } from './controller-operations.ts';
export { alteredList, ConfigOperation } from './configs/config-operation.ts';
export type { TokenRules } from './security/tokens-control.ts';
export { topicNameFault } from './topics/topic-name.ts';
export type { TopicDefaults } from './topics/topic-creation.ts';
export { kraftConfig } from './controller-config.ts';
