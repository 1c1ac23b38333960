// The configs of streams groups (KIP-1071; Kafka: GroupCoordinatorConfig).
import { config } from '../../runtime/index.ts';

const { int } = config;

export const streamsGroupConfig = {
  groupStreamsSessionTimeoutMs: int('group.streams.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('A member of a streams group without a heartbeat for this long is removed.'),
  groupStreamsMinSessionTimeoutMs: int('group.streams.min.session.timeout.ms', 45_000)
    .atLeast(1)
    .doc('The least streams.session.timeout.ms that a group may have.'),
  groupStreamsMaxSessionTimeoutMs: int('group.streams.max.session.timeout.ms', 60_000)
    .atLeast(1)
    .doc('The greatest streams.session.timeout.ms that a group may have.'),
  groupStreamsHeartbeatIntervalMs: int('group.streams.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('How often members of a streams group send heartbeats.'),
  groupStreamsMinHeartbeatIntervalMs: int('group.streams.min.heartbeat.interval.ms', 5_000)
    .atLeast(1)
    .doc('The least streams.heartbeat.interval.ms that a group may have.'),
  groupStreamsMaxHeartbeatIntervalMs: int('group.streams.max.heartbeat.interval.ms', 15_000)
    .atLeast(1)
    .doc('The greatest streams.heartbeat.interval.ms that a group may have.'),
  groupStreamsAssignmentIntervalMs: int('group.streams.assignment.interval.ms', 1_000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('The least time between two assignments of a streams group.'),
  groupStreamsMinAssignmentIntervalMs: int('group.streams.min.assignment.interval.ms', 0)
    .atLeast(0)
    .doc('The least streams.assignment.interval.ms that a group may have.'),
  groupStreamsMaxAssignmentIntervalMs: int('group.streams.max.assignment.interval.ms', 15_000)
    .atLeast(0)
    .doc('The greatest streams.assignment.interval.ms that a group may have.'),
  groupStreamsInitialRebalanceDelayMs: int('group.streams.initial.rebalance.delay.ms', 3_000)
    .atLeast(0)
    .doc('How long the first assignment of a streams group waits for more members.'),
  groupStreamsMaxSize: int('group.streams.max.size', 2147483647).atLeast(1).doc('The most members of a streams group.'),
  groupStreamsNumStandbyReplicas: int('group.streams.num.standby.replicas', 0)
    .atLeast(0)
    .doc('Standby replicas of each task of a streams group.'),
  groupStreamsMaxStandbyReplicas: int('group.streams.max.standby.replicas', 2)
    .atLeast(0)
    .doc('The most standby replicas of a task that a streams group may ask for.'),
} as const;
