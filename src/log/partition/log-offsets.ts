// The five offsets that bound one another in a log, and the only ways in which they move:
//
//   log start <= high watermark <= written end <= log end      recovery point <= written end
//
// A move that breaks this is a fault of ours that would lose or invent records, and is stopped before it does.
import { assert } from '../../runtime/index.ts';

export class LogOffsets {
  #logStart: number;
  #highWatermark: number;
  #writtenEnd: number;
  #logEnd: number;
  #recoveryPoint: number;

  /** The offsets of a log that has just been opened: all of it is written, and none of it is known to be replicated. */
  constructor(opened: { logStartOffset: number; logEndOffset: number; recoveryPoint: number }) {
    this.#logStart = opened.logStartOffset;
    this.#highWatermark = opened.logStartOffset;
    this.#writtenEnd = opened.logEndOffset;
    this.#logEnd = opened.logEndOffset;
    this.#recoveryPoint = opened.recoveryPoint;
    this.#check();
  }

  get logStart(): number {
    return this.#logStart;
  }
  get highWatermark(): number {
    return this.#highWatermark;
  }
  /** Everything below is in the file, as durable as promised. */
  get writtenEnd(): number {
    return this.#writtenEnd;
  }
  /** The offset of the next record. */
  get logEnd(): number {
    return this.#logEnd;
  }
  /** Everything below is flushed. */
  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  /** A batch has been given the offsets up to `end`. */
  assigned(end: number): void {
    assert(end > this.#logEnd, 'offsets are assigned upwards');
    this.#logEnd = end;
  }

  /** Everything below `end` is in the file. */
  written(end: number): void {
    assert(end > this.#writtenEnd, 'writes end in the order of their offsets');
    assert(end <= this.#logEnd, 'what is written was assigned');
    this.#writtenEnd = end;
  }

  /** A write failed: the offsets from `end` on are free again. */
  takenBack(end: number): void {
    assert(end >= this.#writtenEnd, 'what is written stays');
    assert(end <= this.#logEnd, 'what is taken back was assigned');
    this.#logEnd = end;
  }

  /** Everything below `offset` is on every in-sync replica. */
  committed(offset: number): void {
    assert(offset >= this.#highWatermark, 'the high watermark moves up');
    assert(offset <= this.#writtenEnd, 'what is committed is written');
    this.#highWatermark = offset;
  }

  /** Everything below `offset` is on stable storage. */
  flushed(offset: number): void {
    assert(offset <= this.#writtenEnd, 'what is flushed is written');
    if (offset > this.#recoveryPoint) this.#recoveryPoint = offset;
  }

  /** Records below `offset` are no longer served. */
  startsAt(offset: number): void {
    assert(offset >= this.#logStart, 'the log start moves up');
    assert(offset <= this.#highWatermark, 'what has gone was committed');
    this.#logStart = offset;
  }

  /** Everything at `offset` and above has been cut off. */
  cutTo(offset: number): void {
    assert(offset <= this.#logEnd, 'a log is not cut beyond its end');
    assert(this.#writtenEnd === this.#logEnd, 'no write is under way when a log is cut');
    this.#logEnd = offset;
    this.#writtenEnd = offset;
    this.#highWatermark = Math.min(this.#highWatermark, offset);
    this.#logStart = Math.min(this.#logStart, offset);
    this.#recoveryPoint = Math.min(this.#recoveryPoint, offset);
    this.#check();
  }

  /** Everything has been dropped; the next record gets `offset`. */
  restartAt(offset: number): void {
    assert(this.#writtenEnd === this.#logEnd, 'no write is under way when a log is emptied');
    this.#logEnd = offset;
    this.#writtenEnd = offset;
    this.#highWatermark = offset;
    this.#logStart = offset;
    this.#recoveryPoint = Math.min(this.#recoveryPoint, offset);
    this.#check();
  }

  #check(): void {
    assert(this.#logStart >= 0, 'offsets are not negative');
    assert(this.#logStart <= this.#highWatermark, 'the high watermark is not below the log start');
    assert(this.#highWatermark <= this.#writtenEnd, 'the high watermark is not above what is written');
    assert(this.#writtenEnd <= this.#logEnd, 'what is written is not above the log end');
    assert(this.#recoveryPoint <= this.#writtenEnd, 'the recovery point is not above what is written');
  }
}
