// The batches of a segment file, one after the other, without the file being held in memory. Reads only.
import {
  batchSizeAt,
  baseOffset,
  baseSequence,
  codecName,
  compression,
  CorruptRecordError,
  ensureBatchValid,
  type Int64,
  isControl,
  isTransactional,
  lastOffsetOf,
  magic,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordsCount,
} from '../../../protocol/index.ts';
import type { Disk } from '../../../runtime/index.ts';

export interface FoundBatch {
  /** In the file, bytes. */
  readonly position: number;
  readonly sizeBytes: number;
  readonly magic: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly count: number;
  readonly codec: string;
  readonly leaderEpoch: number;
  readonly maxTimestamp: Int64;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** What is wrong with it; behind such a batch nothing more is found. */
  readonly fault?: string;
  /** All of it; undefined when it is not whole. */
  readonly bytes?: Buffer;
}

const HEADER_BYTES = 61;
/** What may be a size, and what is damage. */
const LARGEST_BATCH_BYTES = 512 * 1024 * 1024;
const MAGIC_V2 = 2;

/** Throws DiskError when the file cannot be read. */
export function* segmentBatches(disk: Disk, path: string): Generator<FoundBatch, void> {
  const file = disk.openSync(path, 'read');
  try {
    const end = file.sizeSync();
    let position = 0;
    while (position < end) {
      const header = Buffer.alloc(Math.min(HEADER_BYTES, end - position));
      file.readSync(header, 0, header.length, position);
      const size = header.length < 17 ? 0 : 12 + header.readInt32BE(8);
      if (header.length < 17 || size < 14 || size > LARGEST_BATCH_BYTES || position + size > end) {
        yield brokenEnd(header, position, end - position);
        return;
      }
      const bytes = Buffer.alloc(size);
      file.readSync(bytes, 0, size, position);
      const fault = faultOf(bytes);
      yield batchAt(bytes, position, fault);
      if (fault !== undefined) return;
      position += size;
    }
  } finally {
    file.closeSync();
  }
}

function faultOf(bytes: Buffer): string | undefined {
  try {
    batchSizeAt(bytes);
    ensureBatchValid(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof CorruptRecordError) return error.message;
    throw error;
  }
}

function batchAt(bytes: Buffer, position: number, fault: string | undefined): FoundBatch {
  const isOld = magic(bytes) < MAGIC_V2;
  return {
    position,
    sizeBytes: bytes.length,
    magic: magic(bytes),
    baseOffset: baseOffset(bytes),
    lastOffset: lastOffsetOf(bytes),
    count: isOld ? 1 : recordsCount(bytes),
    codec: isOld ? `magic ${magic(bytes)}` : (codecName(compression(bytes)) ?? 'unknown'),
    leaderEpoch: isOld ? -1 : partitionLeaderEpoch(bytes),
    maxTimestamp: isOld ? -1 : maxTimestamp(bytes),
    producerId: isOld ? -1 : producerId(bytes),
    producerEpoch: isOld ? -1 : producerEpoch(bytes),
    baseSequence: isOld ? -1 : baseSequence(bytes),
    isTransactional: !isOld && isTransactional(bytes),
    isControl: !isOld && isControl(bytes),
    ...(fault !== undefined && { fault }),
    bytes,
  };
}

/** Zeros are room that was reserved; anything else is a batch that was not written to its end. */
function brokenEnd(header: Buffer, position: number, left: number): FoundBatch {
  const isEmpty = header.every((byte) => byte === 0);
  return {
    position,
    sizeBytes: left,
    magic: -1,
    baseOffset: isEmpty || header.length < 8 ? -1 : Number(header.readBigInt64BE()),
    lastOffset: -1,
    count: 0,
    codec: '-',
    leaderEpoch: -1,
    maxTimestamp: -1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
    isControl: false,
    fault: isEmpty ? `${left} bytes of zeros follow` : `${left} bytes follow that are no whole batch`,
  };
}
