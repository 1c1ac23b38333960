// The records that a share group is made of, as Kafka writes them (Kafka: GroupCoordinatorRecordHelpers).
import type { Int64 } from '../../protocol/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { type TopicPartitions, topicPartitionsRows } from '../modern/index.ts';
import * as types from './record-types.ts';
import type { ShareMember } from './share-member.ts';
import { type StatePartitions, statePartitionsValue } from './state-partitions.ts';

export function memberRecord(groupId: string, member: ShareMember): GroupStateRecord {
  const { memberId, rackId, clientId, clientHost } = member;
  const subscribedTopicNames = [...member.subscribedTopicNames].sort();
  return types.memberMetadata.record({ groupId, memberId }, { rackId, clientId, clientHost, subscribedTopicNames });
}

export function currentAssignmentRecord(groupId: string, member: ShareMember): GroupStateRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned } = member;
  const assignedPartitions = topicPartitionsRows(assigned);
  return types.currentMemberAssignment.record(
    { groupId, memberId },
    { memberEpoch, previousMemberEpoch, state, assignedPartitions },
  );
}

export function targetRecord(groupId: string, memberId: string, target: TopicPartitions): GroupStateRecord {
  const topicPartitions = topicPartitionsRows(target);
  return types.targetAssignmentMember.record({ groupId, memberId }, { topicPartitions });
}

export const epochRecord = (groupId: string, epoch: number, metadataHash: Int64): GroupStateRecord =>
  types.groupMetadata.record({ groupId }, { epoch, metadataHash });

export const assignmentEpochRecord = (
  groupId: string,
  assignmentEpoch: number,
  timestampMs: number,
): GroupStateRecord =>
  types.targetAssignmentMetadata.record({ groupId }, { assignmentEpoch, assignmentTimestamp: timestampMs });

export const statePartitionsRecord = (groupId: string, state: StatePartitions): GroupStateRecord =>
  types.statePartitionMetadata.record({ groupId }, statePartitionsValue(state));

/** In the order in which they are read back. */
export function memberTombstones(groupId: string, memberId: string): GroupStateRecord[] {
  const key = { groupId, memberId };
  return [
    types.currentMemberAssignment.record(key, null),
    types.targetAssignmentMember.record(key, null),
    types.memberMetadata.record(key, null),
  ];
}

/** Tombstones for all of a group with these members. */
export function groupTombstones(groupId: string, memberIds: readonly string[]): GroupStateRecord[] {
  return [
    ...memberIds.map((memberId) => types.currentMemberAssignment.record({ groupId, memberId }, null)),
    ...memberIds.map((memberId) => types.targetAssignmentMember.record({ groupId, memberId }, null)),
    types.targetAssignmentMetadata.record({ groupId }, null),
    ...memberIds.map((memberId) => types.memberMetadata.record({ groupId, memberId }, null)),
    types.statePartitionMetadata.record({ groupId }, null),
    types.groupMetadata.record({ groupId }, null),
  ];
}
