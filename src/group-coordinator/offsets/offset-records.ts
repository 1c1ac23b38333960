// Records of committed offsets and their bytes. Written is the version that Kafka 4.3 writes (no flexible one: brokers before
// it can read it), or the one that can carry an expiry.
import type { EncodedRecord } from '../../coordinator-common/index.ts';
import { decodeRecordKey, decodeVersioned, encodeRecordKey, encodeVersioned } from '../../protocol/index.ts';
import type { CommittedOffset, OffsetRecord } from '../group-record.ts';
import {
  legacyOffsetCommitKey,
  legacyOffsetCommitValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../../protocol/messages/offset-records.ts';

/** Read as one of today; never written. */
export const LEGACY_OFFSET_COMMIT = 0;
export const OFFSET_COMMIT = 1;

export const offsetRecordTypes = [
  { number: LEGACY_OFFSET_COMMIT, key: legacyOffsetCommitKey, value: legacyOffsetCommitValue },
  { number: OFFSET_COMMIT, key: offsetCommitKey, value: offsetCommitValue },
];

/** Version 4 is flexible; 1 is the one that can carry an expiry. */
const VALUE_VERSION = 3;
const VALUE_VERSION_WITH_EXPIRY = 1;

export function encodeOffset({ groupId, topic, partition, value }: OffsetRecord): EncodedRecord {
  const key = encodeRecordKey(OFFSET_COMMIT, offsetCommitKey, { group: groupId, topic, partition });
  if (value === null) return { key, value: null };
  const version = value.expireTimestampMs === -1 ? VALUE_VERSION : VALUE_VERSION_WITH_EXPIRY;
  const bytes = encodeVersioned(offsetCommitValue, version, {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestamp: value.commitTimestampMs,
    expireTimestamp: value.expireTimestampMs,
  });
  return { key, value: bytes };
}

/** Throws DecodeError; KafkaError UNSUPPORTED_VERSION. */
export function decodeOffset(key: Uint8Array, value: Uint8Array | null): OffsetRecord {
  const { group, topic, partition } = decodeRecordKey(offsetCommitKey, key);
  return { kind: 'offset', groupId: group, topic, partition, value: value && decodeValue(value) };
}

function decodeValue(bytes: Uint8Array): CommittedOffset {
  const value = decodeVersioned(offsetCommitValue, bytes);
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: value.expireTimestamp,
  };
}
