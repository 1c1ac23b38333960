// The records of one batch of format 2, opened and judged. A batch that was damaged must neither hide older records nor be given
// a new checksum: unlike in Kafka, it is looked at before anything of it is believed.
import { codecReady, loadCodec } from '../../protocol/index.ts';
import {
  compression,
  ensureBatchValid,
  InvalidRecordError,
  type OpenedRecords,
  openRecords,
  RecordCursor,
  recordsCount,
  RecordWalk,
  WALK_OK,
  WALK_PLAIN,
  WALK_STREAM,
  walkRecords,
  walkText,
} from '../../protocol/records/index.ts';

const walk = new RecordWalk();

export interface BatchContent {
  readonly opened: OpenedRecords;
  readonly cursor: RecordCursor;
  readonly view: DataView;
  readonly count: number;
  /** Its checksum was looked at, and is right. */
  readonly isChecked: boolean;
}

/** A promise when the codec has to be loaded before `openBatch`. */
export function codecLoading(bytes: Uint8Array, at: number): Promise<void> | undefined {
  const codec = compression(bytes, at);
  return codec === 0 || codecReady(codec) ? undefined : loadCodec(codec);
}

/** Its checksum is right. Throws CorruptRecordError, InvalidRecordError. */
export function openValidBatch(bytes: Uint8Array, at: number): BatchContent {
  ensureBatchValid(bytes, at);
  return openBatch(bytes, at);
}

/** Its records were walked before, and its checksum says that they are still the same. Throws CorruptRecordError, InvalidRecordError. */
export function openWalkedBatch(bytes: Uint8Array, at: number): BatchContent {
  ensureBatchValid(bytes, at);
  return contentOf(opened(bytes, at), recordsCount(bytes, at), true);
}

/** The checksum is not looked at: for records that may stay as they stand. Throws InvalidRecordError. */
export function openBatch(bytes: Uint8Array, at: number): BatchContent {
  const count = recordsCount(bytes, at);
  const records = opened(bytes, at);
  const mode = records.isStream ? WALK_STREAM : WALK_PLAIN;
  if (walkRecords(records.bytes, records.start, records.end, count, mode, walk) !== WALK_OK) {
    throw new InvalidRecordError(walkText(walk.code), walk.recordsRead);
  }
  return contentOf(records, count, false);
}

function opened(bytes: Uint8Array, at: number): OpenedRecords {
  const records = openRecords(bytes, at);
  if (records.failure !== undefined) throw new InvalidRecordError(records.failure.message, 0, 'compression');
  return records;
}

function contentOf(records: OpenedRecords, count: number, isChecked: boolean): BatchContent {
  const { buffer, byteOffset, length } = records.bytes;
  const view = new DataView(buffer, byteOffset, length);
  return { opened: records, cursor: new RecordCursor(records.bytes, records.start), view, count, isChecked };
}
