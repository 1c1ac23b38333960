// Records of __share_group_state: what a share partition has done with its records (KIP-932). A key has its type in front,
// a value its version, two bytes each.
import { array, int16, int32, int64, int8, message, string, uuid, type ValueOf } from '../schema.ts';

export const shareSnapshotKey = message('ShareSnapshotKey', [0, 0], undefined, {
  groupId: string,
  topicId: uuid,
  partition: int32,
});

export const shareSnapshotValue = message('ShareSnapshotValue', [0, 0], 0, {
  snapshotEpoch: int32,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64.doc('First offset that is not done with.'),
  deliveryCompleteCount: int32.tag(0).default(-1),
  createTimestamp: int64,
  writeTimestamp: int64,
  stateBatches: array({
    firstOffset: int64,
    lastOffset: int64,
    deliveryState: int8.doc('0 available, 2 acknowledged, 4 archived.'),
    deliveryCount: int16,
  }),
});
export interface ShareSnapshotValue extends ValueOf<typeof shareSnapshotValue.fields> {}

export const shareUpdateKey = message('ShareUpdateKey', [0, 0], undefined, {
  groupId: string,
  topicId: uuid,
  partition: int32,
});
export interface ShareUpdateKey extends ValueOf<typeof shareUpdateKey.fields> {}

export const shareUpdateValue = message('ShareUpdateValue', [0, 0], 0, {
  snapshotEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64.doc('-1: unchanged.'),
  deliveryCompleteCount: int32.tag(0).default(-1),
  stateBatches: array({
    firstOffset: int64,
    lastOffset: int64,
    deliveryState: int8.doc('0 available, 2 acknowledged, 4 archived.'),
    deliveryCount: int16,
  }),
});
export interface ShareUpdateValue extends ValueOf<typeof shareUpdateValue.fields> {}
