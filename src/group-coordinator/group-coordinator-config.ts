// The configs of the group coordinator (Kafka: GroupCoordinatorConfig), as far as classic groups and offsets go.
import { config, type ConfigOf } from '../runtime/index.ts';

const { int, long, short } = config;

export const groupCoordinatorConfig = {
  groupMinSessionTimeoutMs: int('group.min.session.timeout.ms', 6_000).doc(
    'The least session time-out that a member of a classic group may ask for.',
  ),
  groupMaxSessionTimeoutMs: int('group.max.session.timeout.ms', 1_800_000).doc(
    'The greatest session time-out that a member of a classic group may ask for.',
  ),
  groupMaxSize: int('group.max.size', 2147483647).atLeast(1).doc('The most members of a classic group.'),
  groupInitialRebalanceDelayMs: int('group.initial.rebalance.delay.ms', 3_000).doc(
    'How long the first rebalance of a classic group waits for more members.',
  ),
  offsetMetadataMaxBytes: int('offset.metadata.max.bytes', 4_096).doc('The longest text beside a committed offset.'),
  offsetsCommitTimeoutMs: int('offsets.commit.timeout.ms', 5_000)
    .atLeast(1)
    .doc('How long an answer waits for its records to be committed.'),
  offsetsLoadBufferSize: int('offsets.load.buffer.size', 5_242_880)
    .atLeast(1)
    .doc('Bytes of one read when the offsets topic is loaded; more than 512 KiB are not read at once.'),
  offsetsRetentionMinutes: int('offsets.retention.minutes', 10_080)
    .atLeast(1)
    .doc('How long the offsets of an empty group are kept.'),
  offsetsRetentionCheckIntervalMs: long('offsets.retention.check.interval.ms', 600_000)
    .atLeast(1)
    .doc('How often old committed offsets and empty groups are sought.'),
  offsetsTopicCompressionCodec: int('offsets.topic.compression.codec', 0).doc(
    'The codec of what is written to the offsets topic: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
  ),
  offsetsTopicNumPartitions: int('offsets.topic.num.partitions', 50)
    .atLeast(1)
    .doc('Partitions of __consumer_offsets when it is created.'),
  offsetsTopicReplicationFactor: short('offsets.topic.replication.factor', 3)
    .atLeast(1)
    .doc('Replicas of __consumer_offsets when it is created.'),
  offsetsTopicSegmentBytes: int('offsets.topic.segment.bytes', 104857600)
    .atLeast(1)
    .doc('The segment.bytes of __consumer_offsets when it is created.'),
} as const;

export type GroupCoordinatorConfig = ConfigOf<typeof groupCoordinatorConfig>;
