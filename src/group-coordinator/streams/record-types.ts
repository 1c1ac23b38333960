// The record types of streams groups, with the numbers that their keys begin with.
import { GroupRecordType } from '../group-record.ts';
import * as records from '../../protocol/messages/streams-group-records.ts';

const groupIdOf = ({ groupId }: { readonly groupId: string }): string => groupId;

export const groupMetadata = new GroupRecordType({
  number: 17,
  key: records.streamsGroupMetadataKey,
  value: records.streamsGroupMetadataValue,
  groupIdOf,
});
export const memberMetadata = new GroupRecordType({
  number: 19,
  key: records.streamsGroupMemberMetadataKey,
  value: records.streamsGroupMemberMetadataValue,
  groupIdOf,
});
export const targetAssignmentMetadata = new GroupRecordType({
  number: 20,
  key: records.streamsGroupTargetAssignmentMetadataKey,
  value: records.streamsGroupTargetAssignmentMetadataValue,
  groupIdOf,
});
export const targetAssignmentMember = new GroupRecordType({
  number: 21,
  key: records.streamsGroupTargetAssignmentMemberKey,
  value: records.streamsGroupTargetAssignmentMemberValue,
  groupIdOf,
});
export const currentMemberAssignment = new GroupRecordType({
  number: 22,
  key: records.streamsGroupCurrentMemberAssignmentKey,
  value: records.streamsGroupCurrentMemberAssignmentValue,
  groupIdOf,
});
export const topology = new GroupRecordType({
  number: 23,
  key: records.streamsGroupTopologyKey,
  value: records.streamsGroupTopologyValue,
  groupIdOf,
});

export const streamsRecordTypes = [
  groupMetadata,
  memberMetadata,
  targetAssignmentMetadata,
  targetAssignmentMember,
  currentMemberAssignment,
  topology,
];
