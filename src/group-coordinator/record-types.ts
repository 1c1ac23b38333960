// The record types of __consumer_offsets by the number that a key begins with. Committed offsets have two: readers take
// both, only the newer is written.
import type { MessageSchema } from '../protocol/index.ts';
import * as consumer from './consumer/records.ts';
import * as classic from './records.ts';
import * as share from './share/group-records.ts';
import * as streams from './streams/records.ts';

export interface GroupRecordType {
  readonly key: MessageSchema;
  readonly value: MessageSchema;
}

export const groupRecordTypes: ReadonlyMap<number, GroupRecordType> = new Map<number, GroupRecordType>([
  [0, { key: classic.legacyOffsetCommitKey, value: classic.legacyOffsetCommitValue }],
  [1, { key: classic.offsetCommitKey, value: classic.offsetCommitValue }],
  [2, { key: classic.groupMetadataKey, value: classic.groupMetadataValue }],
  [3, { key: consumer.consumerGroupMetadataKey, value: consumer.consumerGroupMetadataValue }],
  [4, { key: consumer.consumerGroupPartitionMetadataKey, value: consumer.consumerGroupPartitionMetadataValue }],
  [5, { key: consumer.consumerGroupMemberMetadataKey, value: consumer.consumerGroupMemberMetadataValue }],
  [
    6,
    {
      key: consumer.consumerGroupTargetAssignmentMetadataKey,
      value: consumer.consumerGroupTargetAssignmentMetadataValue,
    },
  ],
  [
    7,
    { key: consumer.consumerGroupTargetAssignmentMemberKey, value: consumer.consumerGroupTargetAssignmentMemberValue },
  ],
  [
    8,
    {
      key: consumer.consumerGroupCurrentMemberAssignmentKey,
      value: consumer.consumerGroupCurrentMemberAssignmentValue,
    },
  ],
  [10, { key: share.shareGroupMemberMetadataKey, value: share.shareGroupMemberMetadataValue }],
  [11, { key: share.shareGroupMetadataKey, value: share.shareGroupMetadataValue }],
  [12, { key: share.shareGroupTargetAssignmentMetadataKey, value: share.shareGroupTargetAssignmentMetadataValue }],
  [13, { key: share.shareGroupTargetAssignmentMemberKey, value: share.shareGroupTargetAssignmentMemberValue }],
  [14, { key: share.shareGroupCurrentMemberAssignmentKey, value: share.shareGroupCurrentMemberAssignmentValue }],
  [15, { key: share.shareGroupStatePartitionMetadataKey, value: share.shareGroupStatePartitionMetadataValue }],
  [16, { key: consumer.consumerGroupRegularExpressionKey, value: consumer.consumerGroupRegularExpressionValue }],
  [17, { key: streams.streamsGroupMetadataKey, value: streams.streamsGroupMetadataValue }],
  [19, { key: streams.streamsGroupMemberMetadataKey, value: streams.streamsGroupMemberMetadataValue }],
  [
    20,
    { key: streams.streamsGroupTargetAssignmentMetadataKey, value: streams.streamsGroupTargetAssignmentMetadataValue },
  ],
  [21, { key: streams.streamsGroupTargetAssignmentMemberKey, value: streams.streamsGroupTargetAssignmentMemberValue }],
  [
    22,
    { key: streams.streamsGroupCurrentMemberAssignmentKey, value: streams.streamsGroupCurrentMemberAssignmentValue },
  ],
  [23, { key: streams.streamsGroupTopologyKey, value: streams.streamsGroupTopologyValue }],
]);
