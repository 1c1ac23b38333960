// `.timeindex`: (largest timestamp so far, offset of the batch that holds it - base offset), 12 bytes, written together
// with offset index entries and when a segment is left; timestamps strictly increase (Kafka's TimeIndex).
import type { Int64 } from '../../protocol/index.ts';
import { exactInt64At, int32At, int64At, NO_TIMESTAMP, putInt32, putInt64 } from '../../protocol/records/index.ts';
import type { CachedFile } from './file-cache.ts';
import { IndexFile, type IndexPages } from './index-file.ts';

export const TIME_INDEX_ENTRY = 12;
/** NaN: it has yet to be read. */
export const isUnknown = (timestamp: Int64): boolean => timestamp !== timestamp;

export class TimeIndex extends IndexFile {
  readonly baseOffset: number;
  /** The last entry's timestamp; undefined until it has been read. */
  #lastTimestamp: Int64 | undefined;

  constructor(options: { baseOffset: number; file: CachedFile; pages: IndexPages; exists: boolean }) {
    super({ ...options, entrySize: TIME_INDEX_ENTRY });
    this.baseOffset = options.baseOffset;
  }

  /** The largest timestamp, -1 when there is none. */
  get lastTimestamp(): Int64 {
    if (this.#lastTimestamp === undefined) {
      const count = this.count;
      this.#lastTimestamp = count === 0 ? NO_TIMESTAMP : this.timestampOf(count - 1);
    }
    return this.#lastTimestamp;
  }

  get lastOffset(): number {
    const count = this.count;
    return count === 0 ? this.baseOffset : this.offsetOf(count - 1);
  }

  /** Adds an entry if `timestamp` is above the last one's. */
  append(timestamp: Int64, offset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    this.extend();
    putInt64(this.entryBytes, this.entryAt, timestamp);
    putInt32(this.entryBytes, this.entryAt + 8, offset - this.baseOffset);
    this.#lastTimestamp = timestamp;
  }

  timestampOf(index: number): Int64 {
    this.locate(index);
    return exactInt64At(this.entryBytes, this.entryAt);
  }

  offsetOf(index: number): number {
    this.locate(index);
    return this.baseOffset + int32At(this.entryBytes, this.entryAt + 8);
  }

  /** The last entry with a timestamp not above `timestamp`, -1 when there is none: nothing before it is later. */
  floor(timestamp: Int64): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timestampOf(middle) <= timestamp) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Drops entries for `offset` and later. */
  truncateToOffset(offset: number): void {
    let count = this.count;
    while (count > 0 && this.offsetOf(count - 1) >= offset) count--;
    this.truncateTo(count);
    this.#lastTimestamp = undefined;
  }

  override reset(): void {
    super.reset();
    this.#lastTimestamp = undefined;
  }

  protected isEntry(bytes: Buffer, at: number): boolean {
    return int64At(bytes, at) !== 0 || int32At(bytes, at + 8) !== 0;
  }
}
