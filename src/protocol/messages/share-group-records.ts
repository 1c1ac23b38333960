// Records of share groups in __consumer_offsets (KIP-932). What they have done with records stands in __share_group_state (the share coordinator).
import { array, exactInt64, int32, int64, int8, message, string, uuid, type ValueOf } from '../schema.ts';

export const shareGroupMemberMetadataKey = message('ShareGroupMemberMetadataKey', [0, 0], undefined, {
  groupId: string,
  memberId: string,
});
export interface ShareGroupMemberMetadataKey extends ValueOf<typeof shareGroupMemberMetadataKey.fields> {}

export const shareGroupMemberMetadataValue = message('ShareGroupMemberMetadataValue', [0, 0], 0, {
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
});
export interface ShareGroupMemberMetadataValue extends ValueOf<typeof shareGroupMemberMetadataValue.fields> {}

export const shareGroupMetadataKey = message('ShareGroupMetadataKey', [0, 0], undefined, { groupId: string });
export interface ShareGroupMetadataKey extends ValueOf<typeof shareGroupMetadataKey.fields> {}

export const shareGroupMetadataValue = message('ShareGroupMetadataValue', [0, 0], 0, {
  epoch: int32,
  metadataHash: exactInt64,
});
export interface ShareGroupMetadataValue extends ValueOf<typeof shareGroupMetadataValue.fields> {}

export const shareGroupTargetAssignmentMetadataKey = message(
  'ShareGroupTargetAssignmentMetadataKey',
  [0, 0],
  undefined,
  { groupId: string },
);
export interface ShareGroupTargetAssignmentMetadataKey
  extends ValueOf<typeof shareGroupTargetAssignmentMetadataKey.fields> {}

export const shareGroupTargetAssignmentMetadataValue = message('ShareGroupTargetAssignmentMetadataValue', [0, 0], 0, {
  assignmentEpoch: int32,
  assignmentTimestamp: int64.tag(0).default(0),
});
export interface ShareGroupTargetAssignmentMetadataValue
  extends ValueOf<typeof shareGroupTargetAssignmentMetadataValue.fields> {}

export const shareGroupTargetAssignmentMemberKey = message('ShareGroupTargetAssignmentMemberKey', [0, 0], undefined, {
  groupId: string,
  memberId: string,
});
export interface ShareGroupTargetAssignmentMemberKey
  extends ValueOf<typeof shareGroupTargetAssignmentMemberKey.fields> {}

export const shareGroupTargetAssignmentMemberValue = message('ShareGroupTargetAssignmentMemberValue', [0, 0], 0, {
  topicPartitions: array({ topicId: uuid, partitions: array(int32) }),
});
export interface ShareGroupTargetAssignmentMemberValue
  extends ValueOf<typeof shareGroupTargetAssignmentMemberValue.fields> {}

export const shareGroupCurrentMemberAssignmentKey = message('ShareGroupCurrentMemberAssignmentKey', [0, 0], undefined, {
  groupId: string,
  memberId: string,
});
export interface ShareGroupCurrentMemberAssignmentKey
  extends ValueOf<typeof shareGroupCurrentMemberAssignmentKey.fields> {}

const topicPartitions = { topicId: uuid, partitions: array(int32) };

export const shareGroupCurrentMemberAssignmentValue = message('ShareGroupCurrentMemberAssignmentValue', [0, 0], 0, {
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  assignedPartitions: array(topicPartitions),
});
export interface ShareGroupCurrentMemberAssignmentValue
  extends ValueOf<typeof shareGroupCurrentMemberAssignmentValue.fields> {}

export const shareGroupStatePartitionMetadataKey = message('ShareGroupStatePartitionMetadataKey', [0, 0], undefined, {
  groupId: string,
});
export interface ShareGroupStatePartitionMetadataKey
  extends ValueOf<typeof shareGroupStatePartitionMetadataKey.fields> {}

const topicPartitionsInfo = { topicId: uuid, topicName: string, partitions: array(int32) };

const topicInfo = { topicId: uuid, topicName: string };

export const shareGroupStatePartitionMetadataValue = message('ShareGroupStatePartitionMetadataValue', [0, 0], 0, {
  initializingTopics: array(topicPartitionsInfo),
  initializedTopics: array(topicPartitionsInfo),
  deletingTopics: array(topicInfo),
});
export interface ShareGroupStatePartitionMetadataValue
  extends ValueOf<typeof shareGroupStatePartitionMetadataValue.fields> {}
