// A piece of a segment that a fetch answers with: found by the log, read by whoever sends it. What was written a moment
// ago is in the page cache and is read at once, in steps; older data is read at once as long as it proves to be cached
// (read-pace.ts), and else through the thread pool, in larger steps (spec node-io, section 8, rule 7).
import * as batch from '../../protocol/records/index.ts';
import type { DiskFile } from '../../runtime/index.ts';
import type { BatchCursor } from '../segments/batch-cursor.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { ReadPace } from './read-pace.ts';
import type { Segment } from '../segments/segment.ts';
import { firstBytes, walkBatches } from './sound-part.ts';

/** Written this recently, counted in bytes of all logs, a range is taken to be in the page cache. */
export const HOT_BYTES = 16 * 1024 * 1024;
const HOT_STEP_BYTES = 256 * 1024;
const COLD_STEP_BYTES = 1024 * 1024;

/** Where the buffers of a read come from: at least as large as asked, up to a size of its own. */
export interface BufferSource {
  take(sizeBytes: number): Buffer;
}

/** For reads that are few. */
const freshBuffers: BufferSource = { take: (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes) };

export class LogSlice {
  /** Base offset of the first batch, which may lie before the offset asked for. */
  readonly firstBatchOffset: number;
  /** The last batch may be cut short; the first is whole if that was asked for. */
  readonly sizeBytes: number;
  readonly position: number;
  /** In the page cache, as far as one can tell: `readSync` will not wait for the disk. */
  readonly isHot: boolean;
  readonly #segment: Segment | undefined;
  readonly #holesBelow: number;
  /** Set when the slice is old data that is probably cached: the pace at which it comes is noted. */
  readonly #pace: ReadPace | undefined;

  constructor(
    segment: Segment | undefined,
    place: { firstBatchOffset: number; position: number; sizeBytes: number; isHot: boolean },
    holesBelow = 0,
    pace?: ReadPace,
  ) {
    this.#holesBelow = holesBelow;
    this.#segment = segment;
    this.#pace = pace;
    this.firstBatchOffset = place.firstBatchOffset;
    this.position = place.position;
    this.sizeBytes = place.sizeBytes;
    this.isHot = place.isHot;
  }

  /** Blocks until all is read; less than `sizeBytes` if the segment was cut in between. Throws DiskError. */
  readSync(source: BufferSource = freshBuffers): Buffer[] {
    const buffers: Buffer[] = [];
    if (this.#segment === undefined) return buffers;
    const file = this.#segment.log.open();
    for (let done = 0; done < this.sizeBytes; ) {
      const taken = source.take(Math.min(HOT_STEP_BYTES, this.sizeBytes - done));
      const wanted = Math.min(taken.length, this.sizeBytes - done);
      const count = file.readSync(taken, 0, wanted, this.position + done);
      done += count;
      if (count > 0) buffers.push(taken.subarray(0, count));
      if (count < wanted) break;
    }
    return this.#sound(buffers);
  }

  /** As `readSync`, through the thread pool, save where `ReadPace` takes the data for cached. Rejects with DiskError. */
  async read(source: BufferSource = freshBuffers): Promise<Buffer[]> {
    const buffers: Buffer[] = [];
    if (this.#segment === undefined || this.sizeBytes === 0) return buffers;
    const file = this.#segment.log.pin();
    try {
      for (let done = 0; done < this.sizeBytes; ) {
        const taken = source.take(Math.min(COLD_STEP_BYTES, this.sizeBytes - done));
        const wanted = Math.min(taken.length, this.sizeBytes - done);
        const at = this.position + done;
        const pace = this.#pace?.mayBlock() === true ? this.#pace : undefined;
        const count =
          pace === undefined ? await file.read(taken, 0, wanted, at) : readTimed(file, taken, wanted, at, pace);
        done += count;
        if (pace !== undefined && done < this.sizeBytes) await pace.turn();
        if (count > 0) buffers.push(taken.subarray(0, count));
        if (count < wanted) break;
      }
      return this.#sound(buffers);
    } finally {
      this.#segment.log.unpin();
    }
  }

  /** What this process has written a moment ago needs no look. */
  #sound(buffers: Buffer[]): Buffer[] {
    const segment = this.#segment;
    if (this.isHot || segment === undefined || segment.isWalked(this.position, this.sizeBytes)) return buffers;
    const walk = walkBatches(buffers, this.firstBatchOffset, this.#holesBelow);
    segment.noteWalked(this.position, Math.min(walk.bytes, this.sizeBytes));
    return walk.isDamaged ? firstBytes(buffers, walk.bytes) : buffers;
  }

  /**
   * An offset that is not below the end of this slice, from the index, or the beginning of the next segment: transactions
   * that begin there or later do not concern it. undefined when the slice reaches into the last indexed stretch of the log.
   */
  get upperBoundOffset(): number | undefined {
    const segment = this.#segment;
    if (segment === undefined) return undefined;
    const next = segment.nextBaseOffset;
    return segment.offsetBehind(this.position + this.sizeBytes) ?? (next < Number.MAX_SAFE_INTEGER ? next : undefined);
  }
}

function readTimed(file: DiskFile, target: Buffer, wanted: number, position: number, pace: ReadPace): number {
  const startedAt = pace.now();
  const count = file.readSync(target, 0, wanted, position);
  pace.noteBlockingRead(pace.now() - startedAt);
  return count;
}

export const emptySlice = (offset: number): LogSlice =>
  new LogSlice(undefined, { firstBatchOffset: offset, position: 0, sizeBytes: 0, isHot: true });

/**
 * From the batch with `fetchOffset` on, at most `maxBytes`, up to the batch with `upTo` and to the end of the segment.
 * undefined when the segment has nothing at or behind `fetchOffset` (a compacted end): the next one begins with it. Throws
 * DamagedLogError, DiskError.
 */
export function locate(
  segment: Segment,
  options: {
    fetchOffset: number;
    maxBytes: number;
    upTo: number;
    isUpToWritten: boolean;
    minOneBatch: boolean;
    totalWrittenBytes: number;
    holesBelow: number;
    pace: ReadPace;
  },
): LogSlice | undefined {
  const end = options.isUpToWritten ? segment.writtenBytes : endPosition(segment, options.upTo);
  let position: number;
  let firstBatchOffset: number;
  let firstBatchBytes = 0;
  let seekMs = Infinity;
  if (
    options.fetchOffset === segment.lastWriteOffset &&
    segment.writtenBytes - segment.lastWritePosition <= options.maxBytes
  ) {
    position = segment.lastWritePosition;
    firstBatchOffset = options.fetchOffset;
  } else {
    const startedAt = options.pace.now();
    const cursor: BatchCursor | undefined = segment.seek(options.fetchOffset, options.holesBelow);
    if (cursor === undefined) return undefined;
    seekMs = options.pace.now() - startedAt;
    position = cursor.position;
    firstBatchOffset = batch.baseOffset(cursor.bytes, cursor.at);
    firstBatchBytes = cursor.sizeBytes;
  }
  const limit = options.minOneBatch ? Math.max(options.maxBytes, firstBatchBytes) : options.maxBytes;
  const sizeBytes = Math.max(0, Math.min(limit, end - position));
  const age = segment.writtenBytes - position + (options.totalWrittenBytes - segment.writtenAt);
  const isHot = segment.writtenAt > 0 && age <= HOT_BYTES;
  const pace = !isHot && options.pace.isCachedAt(seekMs) ? options.pace : undefined;
  return new LogSlice(segment, { firstBatchOffset, position, sizeBytes, isHot }, options.holesBelow, pace);
}

/** Where the batch with offset `upTo` begins: readers that may not see it stop there. */
function endPosition(segment: Segment, upTo: number): number {
  try {
    return segment.seek(upTo)?.position ?? segment.writtenBytes;
  } catch (error) {
    // What stands before the damage lies before `upTo`.
    if (error instanceof DamagedLogError) return error.position;
    throw error;
  }
}
