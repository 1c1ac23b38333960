// Records of __consumer_offsets, __transaction_state and __share_group_state by the number that their keys begin with, and what they
// look like as JSON.
import { decodeRecordKey, decodeVersioned, type MessageSchema, prefixOf } from '../../../protocol/index.ts';
import * as classic from '../../../protocol/messages/classic-group-records.ts';
import * as consumer from '../../../protocol/messages/consumer-group-records.ts';
import * as offsets from '../../../protocol/messages/offset-records.ts';
import * as share from '../../../protocol/messages/share-group-records.ts';
import * as shareState from '../../../protocol/messages/share-state-records.ts';
import * as streams from '../../../protocol/messages/streams-group-records.ts';
import * as transactions from '../../../protocol/messages/transaction-records.ts';
import { messageJson, type Replaced } from './message-json.ts';

type RecordTypes = ReadonlyMap<number, readonly [key: MessageSchema, value: MessageSchema]>;

export const OFFSET_RECORDS: readonly number[] = [0, 1];
export const GROUP_METADATA_RECORDS: readonly number[] = [2];
export const SHARE_GROUP_RECORDS: readonly number[] = [10, 11, 12, 13, 14, 15];

/** Kafka's CoordinatorRecordType of the group coordinator. */
export const groupRecordTypes: RecordTypes = new Map<number, readonly [MessageSchema, MessageSchema]>([
  [0, [offsets.legacyOffsetCommitKey, offsets.legacyOffsetCommitValue]],
  [1, [offsets.offsetCommitKey, offsets.offsetCommitValue]],
  [2, [classic.groupMetadataKey, classic.groupMetadataValue]],
  [3, [consumer.consumerGroupMetadataKey, consumer.consumerGroupMetadataValue]],
  [4, [consumer.consumerGroupPartitionMetadataKey, consumer.consumerGroupPartitionMetadataValue]],
  [5, [consumer.consumerGroupMemberMetadataKey, consumer.consumerGroupMemberMetadataValue]],
  [6, [consumer.consumerGroupTargetAssignmentMetadataKey, consumer.consumerGroupTargetAssignmentMetadataValue]],
  [7, [consumer.consumerGroupTargetAssignmentMemberKey, consumer.consumerGroupTargetAssignmentMemberValue]],
  [8, [consumer.consumerGroupCurrentMemberAssignmentKey, consumer.consumerGroupCurrentMemberAssignmentValue]],
  [10, [share.shareGroupMemberMetadataKey, share.shareGroupMemberMetadataValue]],
  [11, [share.shareGroupMetadataKey, share.shareGroupMetadataValue]],
  [12, [share.shareGroupTargetAssignmentMetadataKey, share.shareGroupTargetAssignmentMetadataValue]],
  [13, [share.shareGroupTargetAssignmentMemberKey, share.shareGroupTargetAssignmentMemberValue]],
  [14, [share.shareGroupCurrentMemberAssignmentKey, share.shareGroupCurrentMemberAssignmentValue]],
  [15, [share.shareGroupStatePartitionMetadataKey, share.shareGroupStatePartitionMetadataValue]],
  [16, [consumer.consumerGroupRegularExpressionKey, consumer.consumerGroupRegularExpressionValue]],
  [17, [streams.streamsGroupMetadataKey, streams.streamsGroupMetadataValue]],
  [19, [streams.streamsGroupMemberMetadataKey, streams.streamsGroupMemberMetadataValue]],
  [20, [streams.streamsGroupTargetAssignmentMetadataKey, streams.streamsGroupTargetAssignmentMetadataValue]],
  [21, [streams.streamsGroupTargetAssignmentMemberKey, streams.streamsGroupTargetAssignmentMemberValue]],
  [22, [streams.streamsGroupCurrentMemberAssignmentKey, streams.streamsGroupCurrentMemberAssignmentValue]],
  [23, [streams.streamsGroupTopologyKey, streams.streamsGroupTopologyValue]],
]);

export const transactionRecordTypes: RecordTypes = new Map<number, readonly [MessageSchema, MessageSchema]>([
  [0, [transactions.transactionLogKey, transactions.transactionLogValue]],
]);

export const shareStateRecordTypes: RecordTypes = new Map<number, readonly [MessageSchema, MessageSchema]>([
  [0, [shareState.shareSnapshotKey, shareState.shareSnapshotValue]],
  [1, [shareState.shareUpdateKey, shareState.shareUpdateValue]],
]);

/** A key begins with a number that is none of these records. */
export class UnknownRecordTypeError extends Error {
  readonly type: number;

  constructor(type: number) {
    super(`unknown record type ${type}`);
    this.type = type;
  }
}

export interface CoordinatorRecordJson {
  readonly type: number;
  /** JSON texts. */
  readonly key: string;
  readonly value: { readonly version: number; readonly data: string } | undefined;
}

/** Throws UnknownRecordTypeError, DecodeError, or KafkaError for a version that is not known. */
export function coordinatorRecordJson(
  types: RecordTypes,
  key: Uint8Array,
  value: Uint8Array | null,
  replaced?: Replaced,
): CoordinatorRecordJson {
  const type = prefixOf(key);
  const schemas = types.get(type);
  if (schemas === undefined) throw new UnknownRecordTypeError(type);
  const [keySchema, valueSchema] = schemas;
  const keyJson = messageJson(keySchema, 0, decodeRecordKey(keySchema, key));
  if (value === null) return { type, key: keyJson, value: undefined };
  const version = prefixOf(value);
  const data = messageJson(valueSchema, version, decodeVersioned(valueSchema, value), replaced);
  return { type, key: keyJson, value: { version, data } };
}
