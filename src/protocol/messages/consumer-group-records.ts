// Records of consumer groups in __consumer_offsets (KIP-848).
import {
  array,
  bytes,
  exactInt64,
  int32,
  int64,
  int8,
  message,
  string,
  struct,
  uuid,
  type ValueOf,
} from '../schema.ts';

export const consumerGroupMetadataKey = message('ConsumerGroupMetadataKey', [0, 0], undefined, { groupId: string });
export interface ConsumerGroupMetadataKey extends ValueOf<typeof consumerGroupMetadataKey.fields> {}

export const consumerGroupMetadataValue = message('ConsumerGroupMetadataValue', [0, 0], 0, {
  epoch: int32,
  metadataHash: exactInt64.tag(0).default(0),
});
export interface ConsumerGroupMetadataValue extends ValueOf<typeof consumerGroupMetadataValue.fields> {}

export const consumerGroupPartitionMetadataKey = message('ConsumerGroupPartitionMetadataKey', [0, 0], undefined, {
  groupId: string,
});
export interface ConsumerGroupPartitionMetadataKey extends ValueOf<typeof consumerGroupPartitionMetadataKey.fields> {}

export const consumerGroupPartitionMetadataValue = message('ConsumerGroupPartitionMetadataValue', [0, 0], 0, {
  topics: array({
    topicId: uuid,
    topicName: string,
    numPartitions: int32,
    partitionMetadata: array({ partition: int32, racks: array(string) }),
  }),
});
export interface ConsumerGroupPartitionMetadataValue
  extends ValueOf<typeof consumerGroupPartitionMetadataValue.fields> {}

export const consumerGroupMemberMetadataKey = message('ConsumerGroupMemberMetadataKey', [0, 0], undefined, {
  groupId: string,
  memberId: string,
});
export interface ConsumerGroupMemberMetadataKey extends ValueOf<typeof consumerGroupMemberMetadataKey.fields> {}

export const consumerGroupMemberMetadataValue = message('ConsumerGroupMemberMetadataValue', [0, 0], 0, {
  instanceId: string.nullable(),
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
  subscribedTopicRegex: string.nullable(),
  rebalanceTimeoutMs: int32.default(-1),
  serverAssignor: string.nullable(),
  classicMemberMetadata: struct({
    sessionTimeoutMs: int32,
    supportedProtocols: array({ name: string, metadata: bytes }),
  })
    .nullable()
    .tag(0)
    .doc('Set for members that use the classic protocol.'),
});
export interface ConsumerGroupMemberMetadataValue extends ValueOf<typeof consumerGroupMemberMetadataValue.fields> {}

export const consumerGroupTargetAssignmentMetadataKey = message(
  'ConsumerGroupTargetAssignmentMetadataKey',
  [0, 0],
  undefined,
  { groupId: string },
);
export interface ConsumerGroupTargetAssignmentMetadataKey
  extends ValueOf<typeof consumerGroupTargetAssignmentMetadataKey.fields> {}

export const consumerGroupTargetAssignmentMetadataValue = message(
  'ConsumerGroupTargetAssignmentMetadataValue',
  [0, 0],
  0,
  { assignmentEpoch: int32, assignmentTimestamp: int64.tag(0).default(0) },
);
export interface ConsumerGroupTargetAssignmentMetadataValue
  extends ValueOf<typeof consumerGroupTargetAssignmentMetadataValue.fields> {}

export const consumerGroupTargetAssignmentMemberKey = message(
  'ConsumerGroupTargetAssignmentMemberKey',
  [0, 0],
  undefined,
  { groupId: string, memberId: string },
);
export interface ConsumerGroupTargetAssignmentMemberKey
  extends ValueOf<typeof consumerGroupTargetAssignmentMemberKey.fields> {}

export const consumerGroupTargetAssignmentMemberValue = message('ConsumerGroupTargetAssignmentMemberValue', [0, 0], 0, {
  topicPartitions: array({ topicId: uuid, partitions: array(int32) }),
});
export interface ConsumerGroupTargetAssignmentMemberValue
  extends ValueOf<typeof consumerGroupTargetAssignmentMemberValue.fields> {}

export const consumerGroupCurrentMemberAssignmentKey = message(
  'ConsumerGroupCurrentMemberAssignmentKey',
  [0, 0],
  undefined,
  { groupId: string, memberId: string },
);
export interface ConsumerGroupCurrentMemberAssignmentKey
  extends ValueOf<typeof consumerGroupCurrentMemberAssignmentKey.fields> {}

const topicPartitions = { topicId: uuid, partitions: array(int32), assignmentEpochs: array(int32).nullable().tag(0) };

export const consumerGroupCurrentMemberAssignmentValue = message(
  'ConsumerGroupCurrentMemberAssignmentValue',
  [0, 0],
  0,
  {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8.doc('0 stable, 1 unrevoked partitions, 2 unreleased partitions, 127 unknown.'),
    assignedPartitions: array(topicPartitions),
    partitionsPendingRevocation: array(topicPartitions),
  },
);
export interface ConsumerGroupCurrentMemberAssignmentValue
  extends ValueOf<typeof consumerGroupCurrentMemberAssignmentValue.fields> {}

export const consumerGroupRegularExpressionKey = message('ConsumerGroupRegularExpressionKey', [0, 0], undefined, {
  groupId: string,
  regularExpression: string,
});
export interface ConsumerGroupRegularExpressionKey extends ValueOf<typeof consumerGroupRegularExpressionKey.fields> {}

export const consumerGroupRegularExpressionValue = message('ConsumerGroupRegularExpressionValue', [0, 0], 0, {
  topics: array(string),
  version: int64,
  timestamp: int64,
});
export interface ConsumerGroupRegularExpressionValue
  extends ValueOf<typeof consumerGroupRegularExpressionValue.fields> {}
