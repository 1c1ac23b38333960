// The configs of the share coordinator (Kafka: ShareCoordinatorConfig), as far as they have effect here.
import { config, type ConfigOf } from '../runtime/index.ts';

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
  shareStateTopicCompressionCodec: int('share.coordinator.state.topic.compression.codec', 0).doc(
    'The codec of what is written to __share_group_state: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
  ),
  shareSnapshotUpdateRecordsPerSnapshot: int('share.coordinator.snapshot.update.records.per.snapshot', 500)
    .between(0, 500)
    .doc('Changes of a share partition that are written before its whole state is.'),
  shareLoadBufferSize: int('share.coordinator.load.buffer.size', 5242880)
    .atLeast(1)
    .doc('Bytes of one read when __share_group_state is loaded; more than 512 KiB are not read at once.'),
  shareWriteTimeoutMs: int('share.coordinator.write.timeout.ms', 5000)
    .atLeast(1)
    .doc('How long an answer of the share coordinator waits for its records to be committed.'),
  shareStateTopicPruneIntervalMs: int('share.coordinator.state.topic.prune.interval.ms', 300000)
    .atLeast(1)
    .doc('How often records of __share_group_state that newer ones replace are deleted.'),
  shareColdPartitionSnapshotIntervalMs: int('share.coordinator.cold.partition.snapshot.interval.ms', 300000)
    .atLeast(1)
    .doc('How often the state of share partitions that do not change is written anew, so that older records may go.'),
} as const;

export type ShareCoordinatorConfig = ConfigOf<typeof shareCoordinatorConfig>;
