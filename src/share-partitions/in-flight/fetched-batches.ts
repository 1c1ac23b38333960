// The batches of what was read from the log, as far as a share group asks about them: their offsets, and whose transaction
// they belong to.
import {
  baseOffset,
  batchSizeAt,
  ControlRecordType,
  controlRecordType,
  type Int64,
  isControl,
  isTransactional,
  lastOffsetOf,
  magic,
  MAGIC_V2,
  NO_PRODUCER_ID,
  producerId,
  recordsOf,
} from '../../protocol/index.ts';

export interface FetchedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Where it stands in the bytes. */
  readonly position: number;
  readonly sizeBytes: number;
  readonly producerId: Int64;
  readonly isTransactional: boolean;
  readonly isAbortMarker: boolean;
}

/** The whole batches in `bytes`; one that is cut short at the end is left out. */
export function fetchedBatches(bytes: Uint8Array): FetchedBatch[] {
  const batches: FetchedBatch[] = [];
  let position = 0;
  for (let size = batchSizeAt(bytes, 0); size > 0; size = batchSizeAt(bytes, position)) {
    const isOld = magic(bytes, position) < MAGIC_V2;
    batches.push({
      baseOffset: baseOffset(bytes, position),
      lastOffset: lastOffsetOf(bytes, position),
      position,
      sizeBytes: size,
      producerId: isOld ? NO_PRODUCER_ID : producerId(bytes, position),
      isTransactional: !isOld && isTransactional(bytes, position),
      isAbortMarker: !isOld && isControl(bytes, position) && isAbort(bytes, position),
    });
    position += size;
  }
  return batches;
}

function isAbort(bytes: Uint8Array, at: number): boolean {
  for (const { key } of recordsOf(bytes, { at })) return controlRecordType(key) === ControlRecordType.ABORT;
  return false;
}
