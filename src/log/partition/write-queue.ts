// When appended batches reach the file. Appends of one turn of the event loop are gathered per partition. A small gathering
// is written at the end of the turn with one blocking writev; a large one, or one that finds a write under way, goes
// through the thread pool, one write per partition at a time, while the next gathering grows (spec node-io, section 8,
// rule 6). With durability `fsync` a write is over when it has been flushed: all appends gathered meanwhile share one flush.
import { assert, type Clock, DiskError, type DiskFile, type Durability, empty } from '../../runtime/index.ts';
import type { ProducersBefore } from '../producers/producer-state.ts';
import type { Segment } from '../segments/segment.ts';
import type { SegmentMark } from '../segments/segment-files.ts';

/** Above this a write goes through the thread pool. */
const LARGEST_BLOCKING_WRITE_BYTES = 64 * 1024;
/** A blocking write that took longer than this was held up by the disk: for a while the thread pool takes all writes. */
const SLOW_BLOCKING_WRITE_MS = 5;
const SLOW_DISK_PAUSE_MS = 1000;

/** Batches of one segment that are written together, and what the log was like before them. */
export class PendingWrite {
  readonly segment: Segment;
  readonly position: number;
  readonly firstOffset: number;
  readonly mark: SegmentMark;
  readonly buffers: Uint8Array[] = [];
  sizeBytes = 0;
  endOffset: number;
  /** Producers that these batches changed, as they were. */
  producersBefore: ProducersBefore | undefined = undefined;

  constructor(segment: Segment, firstOffset: number, mark: SegmentMark) {
    this.segment = segment;
    this.position = segment.sizeBytes;
    this.firstOffset = firstOffset;
    this.endOffset = firstOffset;
    this.mark = mark;
  }
}

/** What the queue tells its log. */
export interface WriteOwner {
  /** Before each write: makes the file if there is none, findable after a power failure if that is promised. Throws DiskError. */
  prepareWrite(segment: Segment): void;
  /** Everything up to `write.endOffset` is in the file, as durable as promised. */
  writeFinished(write: PendingWrite): void;
  /** None of `writes`, oldest first, is in the log; the file has been cut back, or will be before the next write. */
  writesFailed(writes: readonly PendingWrite[], error: DiskError): void;
}

/** Shared by the logs of a broker: runs their writes at the end of a turn. */
export class WriteScheduler {
  readonly durability: Durability;
  readonly clock: Clock;
  /** Bytes written by all logs since the start: the age of a write, in bytes, tells whether it is still in the page cache. */
  totalWrittenBytes = 0;
  #ready: WriteQueue[] = [];
  #spare: WriteQueue[] = [];
  #blockingAllowedFromMs = 0;
  readonly #run = (): void => this.#writeReady();

  constructor(clock: Clock, durability: Durability) {
    this.clock = clock;
    this.durability = durability;
  }

  schedule(queue: WriteQueue): void {
    if (this.#ready.length === 0) this.clock.endOfTurn(this.#run);
    this.#ready.push(queue);
  }

  mayBlock(sizeBytes: number): boolean {
    if (sizeBytes > LARGEST_BLOCKING_WRITE_BYTES) return false;
    return this.#blockingAllowedFromMs === 0 || this.clock.monotonicMs() >= this.#blockingAllowedFromMs;
  }

  /** Every so often a blocking write is timed, so that a stalling disk is noticed. */
  noteBlockingWrite(durationMs: number): void {
    this.#blockingAllowedFromMs =
      durationMs > SLOW_BLOCKING_WRITE_MS ? this.clock.monotonicMs() + SLOW_DISK_PAUSE_MS : 0;
  }

  #writeReady(): void {
    const ready = this.#ready;
    this.#ready = this.#spare;
    for (let i = 0; i < ready.length; i++) (ready[i] as WriteQueue).start();
    empty(ready);
    this.#spare = ready;
  }
}

/** The writes of one partition, in order. */
export class WriteQueue {
  readonly #scheduler: WriteScheduler;
  readonly #owner: WriteOwner;
  readonly #writes: PendingWrite[] = [];
  #isInFlight = false;
  #isScheduled = false;
  #isPaused = false;
  #whenQuiet: (() => void) | undefined = undefined;
  /** After a failed write: the segment must be cut to this size before anything else is written to it. */
  #cut: { readonly segment: Segment; readonly sizeBytes: number } | undefined = undefined;

  constructor(scheduler: WriteScheduler, owner: WriteOwner) {
    this.#scheduler = scheduler;
    this.#owner = owner;
  }

  get isIdle(): boolean {
    return this.#writes.length === 0;
  }

  /** The write that appends of this turn go into; undefined when a new one must be begun with `begin`. */
  gathering(segment: Segment): PendingWrite | undefined {
    const count = this.#writes.length;
    const last = this.#writes[count - 1];
    return last === undefined || last.segment !== segment || (count === 1 && this.#isInFlight) ? undefined : last;
  }

  begin(write: PendingWrite): void {
    this.#writes.push(write);
    if (this.#isInFlight || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduler.schedule(this);
  }

  /** Called by the scheduler at the end of the turn. */
  start(): void {
    this.#isScheduled = false;
    while (!this.#isPaused && !this.#isInFlight && this.#writes.length > 0) this.#startFirst();
  }

  /** No write is begun until `resume`: what comes is gathered. Resolves when the write under way is over. */
  pause(): Promise<void> {
    this.#isPaused = true;
    if (!this.#isInFlight) return Promise.resolve();
    return new Promise((resolve) => (this.#whenQuiet = resolve));
  }

  resume(): void {
    this.#isPaused = false;
    this.start();
  }

  /** While paused: what was gathered is not written here any more; the batches, in order. */
  takeGathered(): Uint8Array[] {
    assert(this.#isPaused && !this.#isInFlight, 'only what no write is working on can be taken');
    return this.#writes.splice(0).flatMap(({ buffers }) => buffers);
  }

  #startFirst(): void {
    const write = this.#writes[0] as PendingWrite;
    const isBlocking = this.#scheduler.mayBlock(write.sizeBytes);
    let held: DiskFile | undefined;
    try {
      this.#cutBack();
      this.#owner.prepareWrite(write.segment);
      if (isBlocking) this.#writeBlocking(write);
      if (!isBlocking || this.#scheduler.durability === 'fsync') held = write.segment.log.pin();
    } catch (error) {
      this.#fail(error as DiskError);
      return;
    }
    if (held === undefined) this.#finish(write);
    else this.#hold(write, this.#writeAndSync(held, write, isBlocking));
  }

  #writeBlocking(write: PendingWrite): void {
    const { clock } = this.#scheduler;
    const startMs = clock.monotonicMs();
    write.segment.log.open().writevSync(write.buffers, write.position);
    this.#scheduler.noteBlockingWrite(clock.monotonicMs() - startMs);
  }

  async #writeAndSync(file: DiskFile, write: PendingWrite, isWritten: boolean): Promise<void> {
    const { segment } = write;
    const { failedSyncs } = segment;
    if (!isWritten) await file.writev(write.buffers, write.position);
    if (this.#scheduler.durability !== 'fsync') return;
    await file.sync();
    // Another flush of the file failed meanwhile. The system reports an error once: it may have been about these bytes.
    if (segment.failedSyncs !== failedSyncs)
      throw new DiskError('EIO', file.path, 'a flush under way at the same time failed');
  }

  /** The log file stays pinned until `done` settles. */
  #hold(write: PendingWrite, done: Promise<void>): void {
    this.#isInFlight = true;
    done.then(
      () => {
        this.#isInFlight = false;
        write.segment.log.unpin();
        this.#finish(write);
        this.#whenQuiet?.();
        this.start();
      },
      (error: DiskError) => {
        this.#isInFlight = false;
        write.segment.log.unpin();
        this.#fail(error);
        this.#whenQuiet?.();
        this.start();
      },
    );
  }

  #finish(write: PendingWrite): void {
    this.#writes.shift();
    const segment = write.segment;
    this.#scheduler.totalWrittenBytes += write.sizeBytes;
    segment.writtenBytes = write.position + write.sizeBytes;
    // With fsync every write is flushed already.
    segment.isUnsynced ||= this.#scheduler.durability !== 'fsync';
    segment.writtenAt = this.#scheduler.totalWrittenBytes;
    segment.lastWriteOffset = write.firstOffset;
    segment.lastWritePosition = write.position;
    this.#owner.writeFinished(write);
  }

  #fail(error: DiskError): void {
    const failed = this.#writes.splice(0);
    const first = failed[0] as PendingWrite;
    if (first.segment.hasFile) this.#cut = { segment: first.segment, sizeBytes: first.position };
    try {
      this.#cutBack();
    } catch {
      // The disk refuses this too: `#cut` stays, and the next write begins with it.
    }
    this.#owner.writesFailed(failed, error);
  }

  #cutBack(): void {
    if (this.#cut === undefined) return;
    const { segment, sizeBytes } = this.#cut;
    const file = segment.log.open();
    file.truncateSync(sizeBytes);
    segment.isUnsynced = true;
    // The next write may go to the next segment, and flush that one alone: what is cut must not come back in front of it.
    if (this.#scheduler.durability === 'fsync') file.syncSync();
    this.#cut = undefined;
  }
}
