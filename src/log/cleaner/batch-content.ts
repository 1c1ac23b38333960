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

/** The checksum is not looked at: for records that may stay as they stand. Throws InvalidRecordError. */
export function openBatch(bytes: Uint8Array, at: number): BatchContent {
  const count = recordsCount(bytes, at);
  const opened = openRecords(bytes, at);
  if (opened.failure !== undefined) throw new InvalidRecordError(opened.failure.message, 0, 'compression');
  const mode = opened.isStream ? WALK_STREAM : WALK_PLAIN;
  if (walkRecords(opened.bytes, opened.start, opened.end, count, mode, walk) !== WALK_OK) {
    throw new InvalidRecordError(walkText(walk.code), walk.recordsRead);
  }
  const { buffer, byteOffset, length } = opened.bytes;
  const view = new DataView(buffer, byteOffset, length);
  return { opened, cursor: new RecordCursor(opened.bytes, opened.start), view, count };
}
