// The record types of share groups in __consumer_offsets, with the numbers that their keys begin with.
import { GroupRecordType } from '../group-record.ts';
import * as records from '../../protocol/messages/share-group-records.ts';

const groupIdOf = ({ groupId }: { readonly groupId: string }): string => groupId;

export const memberMetadata = new GroupRecordType({
  number: 10,
  key: records.shareGroupMemberMetadataKey,
  value: records.shareGroupMemberMetadataValue,
  groupIdOf,
});
export const groupMetadata = new GroupRecordType({
  number: 11,
  key: records.shareGroupMetadataKey,
  value: records.shareGroupMetadataValue,
  groupIdOf,
});
export const targetAssignmentMetadata = new GroupRecordType({
  number: 12,
  key: records.shareGroupTargetAssignmentMetadataKey,
  value: records.shareGroupTargetAssignmentMetadataValue,
  groupIdOf,
});
export const targetAssignmentMember = new GroupRecordType({
  number: 13,
  key: records.shareGroupTargetAssignmentMemberKey,
  value: records.shareGroupTargetAssignmentMemberValue,
  groupIdOf,
});
export const currentMemberAssignment = new GroupRecordType({
  number: 14,
  key: records.shareGroupCurrentMemberAssignmentKey,
  value: records.shareGroupCurrentMemberAssignmentValue,
  groupIdOf,
});
export const statePartitionMetadata = new GroupRecordType({
  number: 15,
  key: records.shareGroupStatePartitionMetadataKey,
  value: records.shareGroupStatePartitionMetadataValue,
  groupIdOf,
});

export const shareRecordTypes = [
  memberMetadata,
  groupMetadata,
  targetAssignmentMetadata,
  targetAssignmentMember,
  currentMemberAssignment,
  statePartitionMetadata,
];
