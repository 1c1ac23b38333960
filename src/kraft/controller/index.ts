// The controller: decides and writes what the cluster is.
export type { HeartbeatAnswer } from './cluster/cluster-control.ts';
export type { ConfigPolicy, CreatedTopicConfig } from './configs/config-policy.ts';
export { type CommittedMetadata, Controller, type ControllerLog, type ControllerOptions } from './controller.ts';
export { PRODUCER_ID_BLOCK_SIZE, type ProducerIdBlock } from './cluster/producer-ids-control.ts';
export { alteredList, ConfigOperation } from './configs/config-operation.ts';
export { topicNameFault } from './topics/topic-name.ts';
export type { TopicDefaults } from './topics/topics-control.ts';
export { kraftConfig } from './controller-config.ts';
