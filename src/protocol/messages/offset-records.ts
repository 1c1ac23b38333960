// Records of committed offsets in __consumer_offsets, which groups of all kinds have. A key has its type in front, a value
// its version, two bytes each.
import { exactInt64, int32, message, string, uuid, type ValueOf } from '../schema.ts';

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
