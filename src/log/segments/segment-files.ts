// What all segments of a broker share, and what is told of one beside its records.
import type { Int64 } from '../../protocol/index.ts';
import type { Disk } from '../../runtime/index.ts';
import { BatchCursor } from './batch-cursor.ts';
import type { FileCache } from './file-cache.ts';
import { IndexPages } from './index-file.ts';
import type { SearchNote } from './segment-search.ts';

export class SegmentFiles {
  readonly disk: Disk;
  readonly files: FileCache;
  readonly pages = new IndexPages();
  /** For look-ups that end before anything else can begin. */
  readonly cursor = new BatchCursor();
  readonly note: SearchNote = { isIndexWrong: false };
  /** Told that the indexes of the segment with this log file were wrong, and have been built anew. */
  indexesRebuilt: (logPath: string) => void = () => undefined;

  constructor(disk: Disk, files: FileCache) {
    this.disk = disk;
    this.files = files;
  }
}

/** Which files of a segment stand in the directory, as bits. */
export const HAS_LOG = 1;
export const HAS_INDEX = 2;
export const HAS_TIME_INDEX = 4;
export const HAS_TRANSACTION_INDEX = 8;

/** A segment as it was before an append, to go back to when the write fails. */
export interface SegmentMark {
  readonly sizeBytes: number;
  readonly endOffset: number;
  readonly bytesSinceIndexEntry: number;
  readonly maxTimestamp: Int64;
  readonly offsetOfMaxTimestamp: number;
  readonly firstTimestamp: Int64;
}
