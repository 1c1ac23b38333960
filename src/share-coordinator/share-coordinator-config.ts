// The configs of the share coordinator (Kafka: ShareCoordinatorConfig), as far as they have effect here.
import { config } from '../runtime/index.ts';

const { int, short } = config;

export const shareCoordinatorConfig = {
  shareStateTopicNumPartitions: int('share.coordinator.state.topic.num.partitions', 50)
    .atLeast(1)
    .doc('Partitions of __share_group_state when it is created.'),
  shareStateTopicReplicationFactor: short('share.coordinator.state.topic.replication.factor', 3)
    .atLeast(1)
    .doc('Replicas of __share_group_state when it is created.'),
  shareStateTopicMinIsr: short('share.coordinator.state.topic.min.isr', 2)
    .atLeast(1)
    .doc('The min.insync.replicas of __share_group_state.'),
  shareStateTopicSegmentBytes: int('share.coordinator.state.topic.segment.bytes', 104857600)
    .atLeast(1)
    .doc('The segment.bytes of __share_group_state when it is created.'),
} as const;
