// The record types of consumer groups, with the numbers that their keys begin with.
import { GroupRecordType } from '../group-record.ts';
import * as records from '../../protocol/messages/consumer-group-records.ts';

const groupIdOf = ({ groupId }: { readonly groupId: string }): string => groupId;

export const groupMetadata = new GroupRecordType({
  number: 3,
  key: records.consumerGroupMetadataKey,
  value: records.consumerGroupMetadataValue,
  groupIdOf,
});
/** Older brokers wrote it; since KIP-1101 a hash of the metadata stands in the record of the group. */
export const partitionMetadata = new GroupRecordType({
  number: 4,
  key: records.consumerGroupPartitionMetadataKey,
  value: records.consumerGroupPartitionMetadataValue,
  groupIdOf,
});
export const memberMetadata = new GroupRecordType({
  number: 5,
  key: records.consumerGroupMemberMetadataKey,
  value: records.consumerGroupMemberMetadataValue,
  groupIdOf,
});
export const targetAssignmentMetadata = new GroupRecordType({
  number: 6,
  key: records.consumerGroupTargetAssignmentMetadataKey,
  value: records.consumerGroupTargetAssignmentMetadataValue,
  groupIdOf,
});
export const targetAssignmentMember = new GroupRecordType({
  number: 7,
  key: records.consumerGroupTargetAssignmentMemberKey,
  value: records.consumerGroupTargetAssignmentMemberValue,
  groupIdOf,
});
export const currentMemberAssignment = new GroupRecordType({
  number: 8,
  key: records.consumerGroupCurrentMemberAssignmentKey,
  value: records.consumerGroupCurrentMemberAssignmentValue,
  groupIdOf,
});
export const regularExpression = new GroupRecordType({
  number: 16,
  key: records.consumerGroupRegularExpressionKey,
  value: records.consumerGroupRegularExpressionValue,
  groupIdOf,
});

export const consumerRecordTypes = [
  groupMetadata,
  partitionMetadata,
  memberMetadata,
  targetAssignmentMetadata,
  targetAssignmentMember,
  currentMemberAssignment,
  regularExpression,
];
