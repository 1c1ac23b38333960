// Metadata records about topics and their partitions (KIP-631, KIP-966).
import { array, int32, int8, message, uuid, type ValueOf } from '../../../protocol/index.ts';
import { brokerId, topicName } from '../../../protocol/messages/fields.ts';

export const topicRecord = message('TopicRecord', [0, 0], 0, { name: topicName, topicId: uuid });
export interface TopicRecord extends ValueOf<typeof topicRecord.fields> {
  readonly type: 'TopicRecord';
  readonly version: number;
}

export const partitionRecord = message('PartitionRecord', [0, 2], 0, {
  partitionId: int32.default(-1),
  topicId: uuid,
  replicas: array(brokerId),
  isr: array(int32),
  removingReplicas: array(brokerId),
  addingReplicas: array(brokerId),
  leader: brokerId.default(-1).doc('-1: none.'),
  leaderRecoveryState: int8.tag(0).default(0).doc('0 recovered, 1 recovering from an unclean election.'),
  leaderEpoch: int32.default(-1),
  partitionEpoch: int32.default(-1),
  directories: array(uuid).since(1).doc('One for each replica.'),
  eligibleLeaderReplicas: array(brokerId)
    .since(2)
    .nullable()
    .tag(1)
    .default(null)
    .doc('Outside of the ISR, yet complete up to the high watermark (KIP-966).'),
  lastKnownElr: array(brokerId).since(2).nullable().tag(2).default(null),
});
export interface PartitionRecord extends ValueOf<typeof partitionRecord.fields> {
  readonly type: 'PartitionRecord';
  readonly version: number;
}

export const partitionChangeRecord = message('PartitionChangeRecord', [0, 2], 0, {
  partitionId: int32.default(-1),
  topicId: uuid,
  isr: array(brokerId).nullable().tag(0).default(null).doc('null: unchanged, as with all lists of this record.'),
  leader: brokerId.tag(1).default(-2).doc('-2: unchanged; anything else bumps the leader epoch.'),
  replicas: array(brokerId).nullable().tag(2).default(null),
  removingReplicas: array(brokerId).nullable().tag(3).default(null),
  addingReplicas: array(brokerId).nullable().tag(4).default(null),
  leaderRecoveryState: int8.tag(5).default(-1).doc('-1: unchanged.'),
  directories: array(uuid).since(1).nullable().tag(8).default(null),
  eligibleLeaderReplicas: array(brokerId).since(2).nullable().tag(6).default(null),
  lastKnownElr: array(brokerId).since(2).nullable().tag(7).default(null),
});
export interface PartitionChangeRecord extends ValueOf<typeof partitionChangeRecord.fields> {
  readonly type: 'PartitionChangeRecord';
  readonly version: number;
}

export const removeTopicRecord = message('RemoveTopicRecord', [0, 0], 0, { topicId: uuid });
export interface RemoveTopicRecord extends ValueOf<typeof removeTopicRecord.fields> {
  readonly type: 'RemoveTopicRecord';
  readonly version: number;
}

export const clearElrRecord = message('ClearElrRecord', [0, 0], 0, { topicName: topicName.doc("'' for all topics.") });
export interface ClearElrRecord extends ValueOf<typeof clearElrRecord.fields> {
  readonly type: 'ClearElrRecord';
  readonly version: number;
}
