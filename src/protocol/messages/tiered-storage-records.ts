// Records of __remote_log_metadata (KIP-405). In front of the body: type and version, both varints.
import { array, bool, bytes, int32, int64, int8, message, string, struct, uuid, type ValueOf } from '../schema.ts';

export const remoteLogSegmentMetadataRecord = message('RemoteLogSegmentMetadataRecord', [0, 0], 0, {
  remoteLogSegmentId: struct({ topicIdPartition: struct({ name: string, id: uuid, partition: int32 }), id: uuid }),
  startOffset: int64,
  endOffset: int64,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array({ leaderEpoch: int32, offset: int64 }),
  segmentSizeInBytes: int32,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
  txnIndexEmpty: bool.tag(0),
});
export interface RemoteLogSegmentMetadataRecord extends ValueOf<typeof remoteLogSegmentMetadataRecord.fields> {}

export const remoteLogSegmentMetadataUpdateRecord = message('RemoteLogSegmentMetadataUpdateRecord', [0, 0], 0, {
  remoteLogSegmentId: struct({ topicIdPartition: struct({ name: string, id: uuid, partition: int32 }), id: uuid }),
  brokerId: int32,
  eventTimestampMs: int64,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
});
export interface RemoteLogSegmentMetadataUpdateRecord
  extends ValueOf<typeof remoteLogSegmentMetadataUpdateRecord.fields> {}

export const remotePartitionDeleteMetadataRecord = message('RemotePartitionDeleteMetadataRecord', [0, 0], 0, {
  topicIdPartition: struct({ name: string, id: uuid, partition: int32 }),
  brokerId: int32,
  eventTimestampMs: int64,
  remotePartitionDeleteState: int8,
});
export interface RemotePartitionDeleteMetadataRecord
  extends ValueOf<typeof remotePartitionDeleteMetadataRecord.fields> {}

export const remoteLogSegmentMetadataSnapshotRecord = message('RemoteLogSegmentMetadataSnapshotRecord', [0, 0], 0, {
  segmentId: uuid,
  startOffset: int64,
  endOffset: int64,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array({ leaderEpoch: int32, offset: int64 }),
  segmentSizeInBytes: int32,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
  txnIndexEmpty: bool.tag(0),
});
export interface RemoteLogSegmentMetadataSnapshotRecord
  extends ValueOf<typeof remoteLogSegmentMetadataSnapshotRecord.fields> {}
