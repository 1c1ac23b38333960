// The records that a consumer group is made of, as Kafka writes them (Kafka: GroupCoordinatorRecordHelpers).
import type { Int64 } from '../../protocol/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { type TopicPartitions, topicPartitionsRows } from '../modern/index.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { epochRows } from './partition-epochs.ts';
import * as types from './record-types.ts';
import type { ResolvedRegex } from './resolved-regex.ts';

export function memberRecord(groupId: string, member: ConsumerMember): GroupStateRecord {
  const { memberId, instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = member;
  return types.memberMetadata.record(
    { groupId, memberId },
    {
      instanceId,
      rackId,
      clientId,
      clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames].sort(),
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs,
      serverAssignor,
      classicMemberMetadata: member.classic,
    },
  );
}

export function currentAssignmentRecord(groupId: string, member: ConsumerMember): GroupStateRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  return types.currentMemberAssignment.record(
    { groupId, memberId },
    {
      memberEpoch,
      previousMemberEpoch,
      state,
      assignedPartitions: epochRows(assigned),
      partitionsPendingRevocation: epochRows(pendingRevocation),
    },
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

export function regexRecord(groupId: string, regex: string, resolved: ResolvedRegex): GroupStateRecord {
  const { topics, version, timestampMs } = resolved;
  const value = { topics: [...topics].sort(), version, timestamp: timestampMs };
  return types.regularExpression.record({ groupId, regularExpression: regex }, value);
}

export const regexTombstone = (groupId: string, regex: string): GroupStateRecord =>
  types.regularExpression.record({ groupId, regularExpression: regex }, null);

export const partitionMetadataTombstone = (groupId: string): GroupStateRecord =>
  types.partitionMetadata.record({ groupId }, null);

/** In the order in which they are read back. */
export function memberTombstones(groupId: string, memberId: string): GroupStateRecord[] {
  const key = { groupId, memberId };
  return [
    types.currentMemberAssignment.record(key, null),
    types.targetAssignmentMember.record(key, null),
    types.memberMetadata.record(key, null),
  ];
}

/** Tombstones for all of a group with these members and expressions. */
export function groupTombstones(
  groupId: string,
  memberIds: readonly string[],
  regexes: Iterable<string>,
): GroupStateRecord[] {
  return [
    ...memberIds.map((memberId) => types.currentMemberAssignment.record({ groupId, memberId }, null)),
    ...memberIds.map((memberId) => types.targetAssignmentMember.record({ groupId, memberId }, null)),
    types.targetAssignmentMetadata.record({ groupId }, null),
    ...memberIds.map((memberId) => types.memberMetadata.record({ groupId, memberId }, null)),
    ...Array.from(regexes, (regex) => regexTombstone(groupId, regex)),
    partitionMetadataTombstone(groupId),
    types.groupMetadata.record({ groupId }, null),
  ];
}
