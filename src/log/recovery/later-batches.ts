// Tells a write that a power failure has torn from damage to what had been on stable storage: behind a torn write there is
// nothing but the rest of it.
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import type { Segment } from '../segments/segment.ts';

/**
 * Whether batches of two different moments stand whole behind `position`: the first of them was on stable storage before the
 * other was written, and so was what stood at `position`. Throws DiskError.
 */
export function hasLaterWrites(segment: Segment, position: number): boolean {
  const file = segment.log.open();
  const bytes = Buffer.alloc(Math.max(0, file.sizeSync() - position));
  file.readSync(bytes, 0, bytes.length, position);
  const moments = new Set<Int64>();
  for (let at = 1; at + batch.HEADER_SIZE <= bytes.length && moments.size < 2; ) {
    const sizeBytes = wholeBatchAt(bytes, at);
    if (sizeBytes > 0) moments.add(batch.maxTimestamp(bytes, at));
    at += sizeBytes > 0 ? sizeBytes : 1;
  }
  return moments.size >= 2;
}

/** 0 when none begins here. */
function wholeBatchAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + batch.MAGIC] !== batch.MAGIC_V2) return 0;
  const sizeBytes = batch.sizeInBytes(bytes, at);
  if (sizeBytes < batch.HEADER_SIZE || at + sizeBytes > bytes.length) return 0;
  return batch.isBatchValid(bytes, at) ? sizeBytes : 0;
}
