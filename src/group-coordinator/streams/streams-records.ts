// The records of streams groups as Kafka writes them (Kafka: StreamsCoordinatorRecordHelpers).
import type { Int64 } from '../../protocol/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import * as types from './record-types.ts';
import type { StreamsGroupTopologyValue } from '../../protocol/messages/streams-group-records.ts';
import type { KeyValue, StreamsMember } from './streams-member.ts';
import { taskIdsOf, taskIdsWithEpochsOf, type TasksTuple } from './tasks.ts';

/** What is written down with the epoch of a group. */
export interface GroupEpoch {
  readonly epoch: number;
  readonly metadataHash: Int64;
  /** -1: the topics that the topology needs are not there. */
  readonly validatedTopologyEpoch: number;
  readonly lastAssignmentConfigs: readonly KeyValue[];
}

export function groupMetadataRecord(groupId: string, group: GroupEpoch): GroupStateRecord {
  return types.groupMetadata.record({ groupId }, { ...group, lastAssignmentConfigs: [...group.lastAssignmentConfigs] });
}

export function memberRecord(groupId: string, member: StreamsMember): GroupStateRecord {
  const { memberId, instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, topologyEpoch } = member;
  const { processId, userEndpoint, clientTags } = member;
  return types.memberMetadata.record(
    { groupId, memberId },
    {
      instanceId,
      rackId,
      clientId,
      clientHost,
      rebalanceTimeoutMs,
      topologyEpoch,
      processId,
      userEndpoint,
      clientTags: [...clientTags],
    },
  );
}

export function topologyRecord(groupId: string, value: StreamsGroupTopologyValue): GroupStateRecord {
  return types.topology.record({ groupId }, value);
}

export function targetMetadataRecord(groupId: string, assignmentEpoch: number, timestampMs: number): GroupStateRecord {
  return types.targetAssignmentMetadata.record({ groupId }, { assignmentEpoch, assignmentTimestamp: timestampMs });
}

export function targetRecord(groupId: string, memberId: string, tasks: TasksTuple): GroupStateRecord {
  const { active, standby, warmup } = tasks;
  return types.targetAssignmentMember.record(
    { groupId, memberId },
    { activeTasks: taskIdsOf(active), standbyTasks: taskIdsOf(standby), warmupTasks: taskIdsOf(warmup) },
  );
}

export function currentAssignmentRecord(groupId: string, member: StreamsMember): GroupStateRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  const plain = (tasks: TasksTuple['standby']) =>
    taskIdsOf(tasks).map((row) => ({ ...row, assignmentEpochs: null as number[] | null }));
  return types.currentMemberAssignment.record(
    { groupId, memberId },
    {
      memberEpoch,
      previousMemberEpoch,
      state,
      activeTasks: taskIdsWithEpochsOf(assigned.active),
      standbyTasks: plain(assigned.standby),
      warmupTasks: plain(assigned.warmup),
      activeTasksPendingRevocation: taskIdsWithEpochsOf(pendingRevocation.active),
      standbyTasksPendingRevocation: plain(pendingRevocation.standby),
      warmupTasksPendingRevocation: plain(pendingRevocation.warmup),
    },
  );
}

/** Takes a member out: its tasks, its target, itself. */
export function memberTombstones(groupId: string, memberId: string): GroupStateRecord[] {
  const key = { groupId, memberId };
  return [
    types.currentMemberAssignment.record(key, null),
    types.targetAssignmentMember.record(key, null),
    types.memberMetadata.record(key, null),
  ];
}

/** Takes the whole group out. */
export function groupTombstones(groupId: string, memberIds: readonly string[]): GroupStateRecord[] {
  const key = { groupId };
  return [
    ...memberIds.map((memberId) => types.currentMemberAssignment.record({ groupId, memberId }, null)),
    ...memberIds.map((memberId) => types.targetAssignmentMember.record({ groupId, memberId }, null)),
    types.targetAssignmentMetadata.record(key, null),
    ...memberIds.map((memberId) => types.memberMetadata.record({ groupId, memberId }, null)),
    types.groupMetadata.record(key, null),
    types.topology.record(key, null),
  ];
}
