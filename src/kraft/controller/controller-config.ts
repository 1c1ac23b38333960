// The configs of the controller and the metadata log: Kafka's keys, defaults and bounds (KRaftConfigs,
// MetadataLogConfig, ReplicationConfigs).
import { config } from '../../runtime/index.ts';

const { boolean, int, list, long, optionalString } = config;

const HOUR_MS = 60 * 60 * 1000;
const MIB = 1024 * 1024;

export const kraftConfig = {
  metadataLogDir: optionalString('metadata.log.dir').doc(
    'Where the metadata log is kept. Unset: the first of log.dirs.',
  ),
  metadataLogSegmentBytes: int('metadata.log.segment.bytes', 1024 * MIB)
    .atLeast(8 * MIB)
    .doc('Size at which a segment of the metadata log is left.'),
  metadataLogSegmentMs: long('metadata.log.segment.ms', 168 * HOUR_MS).doc(
    'Age at which a segment of the metadata log is left.',
  ),
  maxBytesBetweenSnapshots: long('metadata.log.max.record.bytes.between.snapshots', 20 * MIB)
    .atLeast(1)
    .doc('Bytes of metadata records after which a snapshot is written.'),
  maxSnapshotIntervalMs: long('metadata.log.max.snapshot.interval.ms', HOUR_MS)
    .atLeast(0)
    .doc('Time after which a snapshot is written if there is news; 0: size alone decides.'),
  metadataMaxRetentionBytes: long('metadata.max.retention.bytes', 100 * MIB).doc(
    'Size of metadata log and snapshots beyond which the oldest go; below 0: no limit.',
  ),
  metadataMaxRetentionMs: long('metadata.max.retention.ms', 168 * HOUR_MS).doc(
    'Age beyond which metadata log and snapshots go; below 0: no limit.',
  ),
  numPartitions: int('num.partitions', 1)
    .atLeast(1)
    .doc('Partitions of a topic that is created without a number of its own.'),
  defaultReplicationFactor: int('default.replication.factor', 1)
    .atLeast(1)
    .doc('Replicas of a topic that is created without a number of its own.'),
  deleteTopicEnable: boolean('delete.topic.enable', true).doc('Whether topics may be deleted.'),
  brokerSessionTimeoutMs: int('broker.session.timeout.ms', 9000).doc(
    'A broker that is silent for this long is fenced; one in the same process as its controller never is.',
  ),
  metadataMaxIdleIntervalMs: int('metadata.max.idle.interval.ms', 500)
    .atLeast(0)
    .doc(
      'How often the active controller of several nodes writes a record that says nothing, when there is no other; 0: never.',
    ),
  autoLeaderRebalanceEnable: boolean('auto.leader.rebalance.enable', true).doc(
    'Whether leadership goes back to the first replica of a partition when that is in sync again.',
  ),
  leaderImbalanceCheckIntervalSeconds: long('leader.imbalance.check.interval.seconds', 300)
    .atLeast(1)
    .doc('How often leaders are compared with the first replicas.'),
  uncleanLeaderElectionIntervalMs: long('unclean.leader.election.interval.ms', 5 * 60 * 1000)
    .atLeast(1)
    .doc('How often partitions without a leader are looked through for those that allow an unclean election.'),
  quorumVoters: list('controller.quorum.voters', []).doc(
    'Voters as id@host:port, where the metadata log does not name them itself (kraft.version 0).',
  ),
} as const;
