// `.index`: (last offset of a batch - base offset, position of that batch), 8 bytes, one per `index.interval.bytes` of
// the log. Sparse: a lookup gives a place at or before the batch, from which the log itself is walked (Kafka's OffsetIndex).
import { int32At, putInt32 } from '../../protocol/records/index.ts';
import type { CachedFile } from './file-cache.ts';
import { IndexFile, type IndexPages } from './index-file.ts';

export const OFFSET_INDEX_ENTRY = 8;

export class OffsetIndex extends IndexFile {
  readonly baseOffset: number;

  constructor(options: { baseOffset: number; file: CachedFile; pages: IndexPages; exists: boolean }) {
    super({ ...options, entrySize: OFFSET_INDEX_ENTRY });
    this.baseOffset = options.baseOffset;
  }

  /** `lastOffset` and `position` must be above those of the last entry. */
  append(lastOffset: number, position: number): void {
    this.extend();
    putInt32(this.entryBytes, this.entryAt, lastOffset - this.baseOffset);
    putInt32(this.entryBytes, this.entryAt + 4, position);
  }

  offsetOf(index: number): number {
    this.locate(index);
    return this.baseOffset + int32At(this.entryBytes, this.entryAt);
  }

  positionOf(index: number): number {
    this.locate(index);
    return int32At(this.entryBytes, this.entryAt + 4);
  }

  /** The last entry with an offset not above `offset`, -1 when there is none. Of a damaged index, any: see segment-search.ts. */
  floor(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetOf(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The first entry that points to `position` or behind it; `count` when there is none. */
  ceiling(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.positionOf(middle) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drops entries that point at or behind `position`. */
  truncateToPosition(position: number): void {
    let count = this.count;
    while (count > 0 && this.positionOf(count - 1) >= position) count--;
    this.truncateTo(count);
  }

  /** Position 0 is never indexed: the first batch of a segment is where every walk begins. */
  protected isEntry(bytes: Buffer, at: number): boolean {
    return int32At(bytes, at + 4) !== 0;
  }
}
