// Record batches: headers in place (batch.ts), checksum, telling batches apart, walking and building records.
export * from './batch.ts';
export {
  buildBatch,
  type BatchOptions,
  type HeaderInput,
  putVarint,
  putVarlong,
  type RecordInput,
  sizeOfVarint,
  sizeOfVarlong,
} from './batch-builder.ts';
export {
  setBaseOffset,
  setLastOffset,
  setLeaderEpoch,
  setMaxTimestamp,
  updateChecksum,
} from './batch-patch.ts';
export {
  BatchLengthOverflowError,
  batchesOf,
  batchSizeAt,
  CorruptRecordError,
  ensureBatchValid,
  isBatchValid,
  lastOffsetOf,
  validBytes,
} from './batches.ts';
export {
  buildControlBatch,
  buildEndTransactionMarker,
  ControlRecordType,
  controlRecordKey,
  controlRecordType,
  readEndTransactionMarker,
} from './control.ts';
export { crc32c } from './crc32c.ts';
export { InvalidRecordError } from './invalid-record-error.ts';
export {
  buildRetainedSet,
  isLegacySet,
  isUnopenedSet,
  legacyHeader,
  legacyRecordsOf,
  putLegacyHeader,
  SMALLEST_BATCH,
} from './legacy-messages.ts';
export {
  type BatchRecord,
  forEachRecord,
  openRecords,
  type OpenedRecords,
  RecordCursor,
  type RecordHeader,
  recordsOf,
} from './record.ts';
export { buildEmptiedBatch, buildRetainedBatch, deleteHorizonMs, type RetainedRecords } from './retained-batch.ts';
export {
  RecordWalk,
  WALK_END_REACHED,
  WALK_LENGTH_MALFORMED,
  WALK_OK,
  WALK_PLAIN,
  WALK_SKIM,
  WALK_STREAM,
  type WalkMode,
  walkRecords,
  walkText,
} from './record-walk.ts';
