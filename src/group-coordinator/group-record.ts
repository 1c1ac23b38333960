// Records of __consumer_offsets as the coordinator works with them, and their bytes. Written are committed offsets and
// classic groups, in the versions that Kafka 4.3 writes (no flexible ones: brokers before it can read them). Records of other
// types of groups are told apart, and only their keys are looked into.
import type { EncodedRecord, RecordSerde } from '../coordinator-common/index.ts';
import {
  decodeRecordKey,
  decodeVersioned,
  encodeRecordKey,
  encodeVersioned,
  type Int64,
  prefixOf,
  type ValueOf,
} from '../protocol/index.ts';
import { groupRecordTypes } from './record-types.ts';
import {
  groupMetadataKey,
  groupMetadataValue,
  type GroupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
} from './records.ts';

export interface CommittedOffset {
  readonly offset: Int64;
  /** -1: not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: Int64;
  /** -1: as the broker is configured (KIP-211). Clients before that asked for a retention of their own. */
  readonly expireTimestampMs: Int64;
}

export interface OffsetRecord {
  readonly kind: 'offset';
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  /** null: deleted. */
  readonly value: CommittedOffset | null;
}

export interface ClassicGroupRecord {
  readonly kind: 'classic-group';
  readonly groupId: string;
  /** null: deleted. */
  readonly value: GroupMetadataValue | null;
  /** The encoded value, where somebody had to know how long it is. */
  readonly valueBytes?: Uint8Array;
}

export type ForeignGroupType = 'consumer' | 'share' | 'streams';

/** Of a group of another type. */
export interface ForeignRecord {
  readonly kind: 'foreign';
  readonly groupId: string;
  readonly type: ForeignGroupType;
  /** The record stands for a member of the group. */
  readonly isMember: boolean;
  readonly key: Uint8Array;
  readonly isTombstone: boolean;
}

export type GroupRecord = OffsetRecord | ClassicGroupRecord | ForeignRecord;

const LEGACY_OFFSET_COMMIT = 0;
const OFFSET_COMMIT = 1;
const GROUP_METADATA = 2;
/** ConsumerGroupMemberMetadata, ShareGroupMemberMetadata, StreamsGroupMemberMetadata. */
const MEMBER_TYPES: ReadonlySet<number> = new Set([5, 10, 19]);
const CONSUMER_TYPES: ReadonlySet<number> = new Set([3, 4, 5, 6, 7, 8, 16]);
const FIRST_STREAMS_TYPE = 17;

/** Version 4 is flexible; 1 is the one that can carry an expiry. */
const OFFSET_VALUE_VERSION = 3;
const OFFSET_VALUE_VERSION_WITH_EXPIRY = 1;
const GROUP_VALUE_VERSION = 3;

export const groupRecordSerde: RecordSerde<GroupRecord> = { encode, decode };

export function encodeGroupMetadata(value: GroupMetadataValue): Uint8Array {
  return encodeVersioned(groupMetadataValue, GROUP_VALUE_VERSION, value);
}

function encode(record: GroupRecord): EncodedRecord {
  if (record.kind === 'offset') return encodeOffset(record);
  // Other groups' records are never written, only taken away when somebody deletes the group.
  if (record.kind === 'foreign') return { key: record.key, value: null };
  const key = encodeRecordKey(GROUP_METADATA, groupMetadataKey, { group: record.groupId });
  if (record.value === null) return { key, value: null };
  return { key, value: record.valueBytes ?? encodeGroupMetadata(record.value) };
}

function encodeOffset({ groupId, topic, partition, value }: OffsetRecord): EncodedRecord {
  const key = encodeRecordKey(OFFSET_COMMIT, offsetCommitKey, { group: groupId, topic, partition });
  if (value === null) return { key, value: null };
  const version = value.expireTimestampMs === -1 ? OFFSET_VALUE_VERSION : OFFSET_VALUE_VERSION_WITH_EXPIRY;
  const bytes = encodeVersioned(offsetCommitValue, version, {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestamp: value.commitTimestampMs,
    expireTimestamp: value.expireTimestampMs,
  });
  return { key, value: bytes };
}

function decode(key: Uint8Array, value: Uint8Array | null): GroupRecord | undefined {
  const type = prefixOf(key);
  if (type === OFFSET_COMMIT || type === LEGACY_OFFSET_COMMIT) return decodeOffset(key, value);
  if (type === GROUP_METADATA) {
    const { group: groupId } = decodeRecordKey(groupMetadataKey, key);
    return { kind: 'classic-group', groupId, value: value && decodeVersioned(groupMetadataValue, value) };
  }
  const schema = groupRecordTypes.get(type)?.key;
  if (schema === undefined) return undefined;
  const { groupId } = decodeRecordKey(schema, key) as ValueOf<typeof schema.fields> & { groupId: string };
  return {
    kind: 'foreign',
    groupId,
    type: CONSUMER_TYPES.has(type) ? 'consumer' : type >= FIRST_STREAMS_TYPE ? 'streams' : 'share',
    isMember: MEMBER_TYPES.has(type),
    key: Uint8Array.from(key),
    isTombstone: value === null,
  };
}

function decodeOffset(key: Uint8Array, value: Uint8Array | null): OffsetRecord {
  const { group, topic, partition } = decodeRecordKey(offsetCommitKey, key);
  return { kind: 'offset', groupId: group, topic, partition, value: value && decodeOffsetValue(value) };
}

function decodeOffsetValue(bytes: Uint8Array): CommittedOffset {
  const value = decodeVersioned(offsetCommitValue, bytes);
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: value.expireTimestamp,
  };
}
