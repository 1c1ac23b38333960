// The configs of the group coordinator (Kafka: GroupCoordinatorConfig), as far as classic, consumer and share groups and offsets go.
import { config, type ConfigOf } from '../runtime/index.ts';
import { streamsGroupConfig } from './streams/streams-config.ts';

const { int, list, long, short, string } = config;

/** Which ways a group may change (Kafka: ConsumerGroupMigrationPolicy). */
const MIGRATION_POLICIES = ['bidirectional', 'upgrade', 'downgrade', 'disabled'] as const;

/** Kafka's own assignors of consumer groups go by their names, or by their classes. */
const ASSIGNORS: Readonly<Record<string, string>> = {
  uniform: 'uniform',
  range: 'range',
  'org.apache.kafka.coordinator.group.assignor.UniformAssignor': 'uniform',
  'org.apache.kafka.coordinator.group.assignor.RangeAssignor': 'range',
};
export const assignorNameOf = (configured: string): string => ASSIGNORS[configured] ?? configured;

function assignorFault(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => ASSIGNORS[name] === undefined);
  return unknown === undefined
    ? undefined
    : `group.consumer.assignors: ${unknown} is none of the assignors uniform and range, and classes cannot be loaded here`;
}

export const groupCoordinatorConfig = {
  ...streamsGroupConfig,
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
  groupCoordinatorRebalanceProtocols: list('group.coordinator.rebalance.protocols', ['classic', 'consumer', 'streams'])
    .oneOf('consumer', 'classic', 'share', 'streams')
    .doc('The group protocols that are served.'),
  groupConsumerSessionTimeoutMs: int('group.consumer.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('A member of a consumer group without a heartbeat for this long is removed.'),
  groupConsumerMinSessionTimeoutMs: int('group.consumer.min.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('The least consumer.session.timeout.ms that a group may have.'),
  groupConsumerMaxSessionTimeoutMs: int('group.consumer.max.session.timeout.ms', 60_000)
    .atLeast(1)
    .doc('The greatest consumer.session.timeout.ms that a group may have.'),
  groupConsumerHeartbeatIntervalMs: int('group.consumer.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('How often members of a consumer group send heartbeats.'),
  groupConsumerMinHeartbeatIntervalMs: int('group.consumer.min.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('The least consumer.heartbeat.interval.ms that a group may have.'),
  groupConsumerMaxHeartbeatIntervalMs: int('group.consumer.max.heartbeat.interval.ms', 15_000)
    .atLeast(1)
    .doc('The greatest consumer.heartbeat.interval.ms that a group may have.'),
  groupConsumerAssignmentIntervalMs: int('group.consumer.assignment.interval.ms', 1_000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('The least time between two assignments of a consumer group.'),
  groupConsumerMinAssignmentIntervalMs: int('group.consumer.min.assignment.interval.ms', 0)
    .atLeast(0)
    .doc('The least consumer.assignment.interval.ms that a group may have.'),
  groupConsumerMaxAssignmentIntervalMs: int('group.consumer.max.assignment.interval.ms', 15_000)
    .atLeast(0)
    .doc('The greatest consumer.assignment.interval.ms that a group may have.'),
  groupConsumerMaxSize: int('group.consumer.max.size', 2147483647)
    .atLeast(1)
    .doc('The most members of a consumer group.'),
  groupConsumerAssignors: list('group.consumer.assignors', ['uniform', 'range'])
    .refusing(assignorFault)
    .doc('The assignors that the broker runs for consumer groups, the default first.'),
  groupConsumerMigrationPolicy: string('group.consumer.migration.policy', 'bidirectional')
    .refusing((value) =>
      MIGRATION_POLICIES.some((policy) => policy === value.toLowerCase())
        ? undefined
        : `group.consumer.migration.policy is one of ${MIGRATION_POLICIES.join(', ')}, not ${value}`,
    )
    .doc('Which ways a group may change between the classic and the consumer protocol.'),
  groupConsumerRegexRefreshIntervalMs: int('group.consumer.regex.refresh.interval.ms', 600_000)
    .atLeast(10_000)
    .doc('How often subscribed patterns are matched against new topics.'),
  groupShareSessionTimeoutMs: int('group.share.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('A member of a share group without a heartbeat for this long is removed.'),
  groupShareMinSessionTimeoutMs: int('group.share.min.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('The least share.session.timeout.ms that a group may have.'),
  groupShareMaxSessionTimeoutMs: int('group.share.max.session.timeout.ms', 60_000)
    .atLeast(1)
    .doc('The greatest share.session.timeout.ms that a group may have.'),
  groupShareHeartbeatIntervalMs: int('group.share.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('How often members of a share group send heartbeats.'),
  groupShareMinHeartbeatIntervalMs: int('group.share.min.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('The least share.heartbeat.interval.ms that a group may have.'),
  groupShareMaxHeartbeatIntervalMs: int('group.share.max.heartbeat.interval.ms', 15_000)
    .atLeast(1)
    .doc('The greatest share.heartbeat.interval.ms that a group may have.'),
  groupShareAssignmentIntervalMs: int('group.share.assignment.interval.ms', 1_000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('The least time between two assignments of a share group.'),
  groupShareMinAssignmentIntervalMs: int('group.share.min.assignment.interval.ms', 0)
    .atLeast(0)
    .doc('The least share.assignment.interval.ms that a group may have.'),
  groupShareMaxAssignmentIntervalMs: int('group.share.max.assignment.interval.ms', 15_000)
    .atLeast(0)
    .doc('The greatest share.assignment.interval.ms that a group may have.'),
  groupShareAssignors: list('group.share.assignors', ['simple'])
    .oneOf('simple')
    .doc('The assignors that the broker runs for share groups: there is one.'),
  groupShareMaxSize: int('group.share.max.size', 200).between(1, 1_000).doc('The most members of a share group.'),
  groupShareInitializeRetryIntervalMs: int('group.share.initialize.retry.interval.ms', 30_000)
    .atLeast(1)
    .doc('The pause before the state of a share partition is initialised again.'),
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
