// Records of __consumer_offsets that are older than KIP-848: committed offsets, which all types of groups share, and
// classic groups. A key has its type in front, a value its version, two bytes each.
import { array, bytes, exactInt64, int32, message, string, uuid, type ValueOf } from '../protocol/index.ts';

export const legacyOffsetCommitKey = message('LegacyOffsetCommitKey', [0, 0], undefined, {
  group: string,
  topic: string,
  partition: int32,
});
export interface LegacyOffsetCommitKey extends ValueOf<typeof legacyOffsetCommitKey.fields> {}

export const legacyOffsetCommitValue = message('LegacyOffsetCommitValue', [0, 0], undefined, {
  offset: exactInt64,
  metadata: string,
  commitTimestamp: exactInt64,
});
export interface LegacyOffsetCommitValue extends ValueOf<typeof legacyOffsetCommitValue.fields> {}

export const offsetCommitKey = message('OffsetCommitKey', [0, 0], undefined, {
  group: string,
  topic: string,
  partition: int32,
});
export interface OffsetCommitKey extends ValueOf<typeof offsetCommitKey.fields> {}

export const offsetCommitValue = message('OffsetCommitValue', [0, 4], 4, {
  offset: exactInt64,
  leaderEpoch: int32.since(3).default(-1).ignorable(),
  metadata: string,
  commitTimestamp: exactInt64,
  expireTimestamp: exactInt64.since(1).until(1).default(-1).ignorable().doc('-1: as the broker is configured.'),
  topicId: uuid.since(4).tag(0).ignorable(),
});
export interface OffsetCommitValue extends ValueOf<typeof offsetCommitValue.fields> {}

export const groupMetadataKey = message('GroupMetadataKey', [0, 0], undefined, { group: string });
export interface GroupMetadataKey extends ValueOf<typeof groupMetadataKey.fields> {}

const memberMetadata = {
  memberId: string,
  groupInstanceId: string.since(3).nullable().default(null).ignorable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeout: int32.since(1).default(-1).ignorable(),
  sessionTimeout: int32,
  subscription: bytes,
  assignment: bytes,
};

export const groupMetadataValue = message('GroupMetadataValue', [0, 4], 4, {
  protocolType: string,
  generation: int32,
  protocol: string.nullable(),
  leader: string.nullable(),
  currentStateTimestamp: exactInt64.since(2).default(-1).ignorable(),
  members: array(memberMetadata),
});
export interface GroupMetadataValue extends ValueOf<typeof groupMetadataValue.fields> {}
