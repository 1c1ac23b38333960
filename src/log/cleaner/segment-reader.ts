// The batches of a segment, chunk by chunk: each chunk begins with a batch and holds whole ones.
import { batchSizeAt, int32At, LOG_OVERHEAD } from '../../protocol/records/index.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import type { CleaningWork } from './log-to-clean.ts';

const NO_BYTES = Buffer.alloc(0);

/** One for each half of a pass; it keeps its buffer from segment to segment. */
export class SegmentReader {
  /** The chunk. */
  bytes: Buffer = NO_BYTES;
  /** Size of the batch that `next` has given. */
  sizeBytes = 0;
  readonly #work: CleaningWork;
  readonly #buffer: Buffer;
  /** For batches that the other one does not hold. */
  #large: Buffer | undefined;
  #segment: Segment | undefined;
  #position = 0;
  #end = 0;
  #at = 0;
  #filled = 0;

  constructor(work: CleaningWork) {
    this.#work = work;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(LOG_OVERHEAD, work.means.bufferBytes));
  }

  /** Begins at the batch at `position` of `segment`, whose files stay open until `close`. Throws DiskError. */
  open(segment: Segment, position: number): void {
    segment.log.pin();
    this.#segment = segment;
    this.#position = position;
    this.#end = segment.writtenBytes;
    this.#at = 0;
    this.#filled = 0;
  }

  close(): void {
    this.#segment?.log.unpin();
    this.#segment = undefined;
    this.#large = undefined;
  }

  /** Reads the next chunk; false at the end. Rejects with DamagedLogError, DiskError, CleaningAbortedError. */
  async fill(): Promise<boolean> {
    this.#position += this.#at;
    this.#at = 0;
    this.#filled = 0;
    const left = this.#end - this.#position;
    if (left === 0) return false;
    const buffer = this.#large ?? this.#buffer;
    await this.#read(buffer, Math.min(left, buffer.length));
    const wholeBytes = LOG_OVERHEAD + (this.#filled < LOG_OVERHEAD ? left : int32At(this.bytes, LOG_OVERHEAD - 4));
    if (wholeBytes <= this.#filled || wholeBytes < 0) return true;
    if (wholeBytes > left) throw this.damaged(0, 'the batch there is longer than the segment');
    // Large batches come one after the other: the buffer stays as large to the end of the segment, as in Kafka.
    this.#large = Buffer.allocUnsafeSlow(Math.min(left, Math.max(wholeBytes, 2 * this.bytes.length)));
    await this.#read(this.#large, this.#large.length);
    return true;
  }

  /** Where in `bytes` the next whole batch begins, -1 when there is none in this chunk. Throws CorruptRecordError. */
  next(): number {
    const at = this.#at;
    this.sizeBytes = batchSizeAt(this.bytes, at, this.#filled);
    this.#at += this.sizeBytes;
    return this.sizeBytes === 0 ? -1 : at;
  }

  /** Something is wrong with what stands at `at` of the chunk. */
  damaged(at: number, reason: string): DamagedLogError {
    return new DamagedLogError(this.#segment?.log.path ?? '', this.#position + at, reason);
  }

  async #read(target: Buffer, length: number): Promise<void> {
    const { log } = this.#segment as Segment;
    this.bytes = target;
    this.#filled = await this.#work.read(log.open(), target, length, this.#position);
    if (this.#filled < length) throw this.damaged(this.#filled, 'the file ends before');
  }
}
