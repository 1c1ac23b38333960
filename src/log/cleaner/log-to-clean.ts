// What a pass of the cleaner sees of a log, and what it works with.
import { type Clock, delay, type DiskFile } from '../../runtime/index.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';
import { endOfTurn, SlicedWork } from '../sliced-work.ts';
import type { Throttle } from './throttle.ts';

export interface LogToClean {
  readonly name: string;
  readonly config: TopicLogConfig;
  readonly segments: Segments;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** Throws DiskError. */
  readonly lastStableOffset: number;
  /** As they are now. Throws DiskError. */
  readonly producers: ProducerState;
  /** The log was closed, or cut, since the pass began: nothing of it may be replaced. */
  readonly isInterrupted: boolean;
  /**
   * Everything appended when this is called is on stable storage when it resolves, and the next start knows: it would not find
   * out which transactions are over from a part that is compacted. Rejects with DiskError.
   */
  flush(): Promise<void>;
  /** Those that have records in [from, to). Throws DiskError. */
  abortedTransactions(from: number, to: number): AbortedTransaction[];
  /** A segment beside the log, whose files have the suffix `.cleaned`. */
  newCleanedSegment(baseOffset: number): Segment;
  /** Puts `cleaned` in the place of `old`, in a way that a crash at any instant leaves one or the other. Throws DiskError. */
  replaceSegments(cleaned: Segment, old: readonly Segment[]): void;
}

/** The pass has been given up: its log was closed or cut, or the broker stops. Nothing is wrong. */
export class CleaningAbortedError extends Error {
  override readonly name = 'CleaningAbortedError';
}

/** Longest run of the cleaner in one turn of the event loop; what is begun at its end adds a chunk or some hundred records. */
const SLICE_MS = 0.5;
/** Of others between two slices: a record is received in one, written in the next and answered in the third. */
const TURNS_BETWEEN = 3;
/**
 * While others write, a pass rests between its slices, until nobody has written for so long: on few cores, whoever is woken waits for
 * milliseconds behind a thread that never sleeps, a producer of ours among them.
 */
const REST_MS = 1;
const CALM_MS = 50;
/** Records that are looked at between two looks at the clock. */
export const RECORDS_PER_STEP = 512;
/** However long the throttle holds a pass up, it hears that often that it is to end. */
const LONGEST_SLEEP_MS = 250;

/** Tells which reads of old data are likely to come from the page cache (ReadPace). */
export interface Pace {
  now(): number;
  mayBlock(): boolean;
  noteBlockingRead(durationMs: number): void;
}

export interface CleaningMeans {
  readonly clock: Clock;
  readonly pace: Pace;
  /** Bytes of the buffer for reading; the one for writing is as large. */
  readonly bufferBytes: number;
  readonly throttle: Throttle;
  /** What has been appended to all logs until now, whoever has done it. */
  readonly writtenBytes: () => number;
  /** True when the pass is to end. */
  readonly isStopped: () => boolean;
}

/** The turns of the event loop that a pass takes, and its reads. */
export class CleaningWork {
  readonly means: CleaningMeans;
  readonly #log: LogToClean;
  readonly #slices: SlicedWork;
  #writtenBytes: number;
  #calmAtMs: number;

  constructor(means: CleaningMeans, log: LogToClean) {
    this.means = means;
    this.#log = log;
    this.#writtenBytes = means.writtenBytes();
    this.#calmAtMs = means.clock.monotonicMs();
    this.#slices = new SlicedWork(means.clock, SLICE_MS, () => this.#giveWay());
  }

  /** Between two steps. Rejects with CleaningAbortedError. */
  async pause(): Promise<void> {
    await this.#slices.pause();
    this.check();
  }

  /** True when the slice is over: for loops that spare themselves the promise. */
  get isDue(): boolean {
    return this.#slices.isDue;
  }

  async #giveWay(): Promise<void> {
    const { clock, writtenBytes } = this.means;
    for (let left = TURNS_BETWEEN; left > 0; left--) await endOfTurn(clock);
    const [written, nowMs] = [writtenBytes(), clock.monotonicMs()];
    if (written !== this.#writtenBytes) this.#calmAtMs = nowMs + CALM_MS;
    this.#writtenBytes = written;
    if (nowMs < this.#calmAtMs) await delay(clock, REST_MS);
  }

  /** Throws CleaningAbortedError. */
  check(): void {
    if (this.means.isStopped() || this.#log.isInterrupted) throw new CleaningAbortedError();
  }

  /** Before `bytes` are read or written. Rejects with CleaningAbortedError. */
  async throttle(bytes: number): Promise<void> {
    const { clock, throttle } = this.means;
    for (let left = throttle.note(bytes); left > 0; left -= LONGEST_SLEEP_MS) {
      await delay(clock, Math.min(left, LONGEST_SLEEP_MS));
      this.check();
    }
  }

  /** Rejects with DiskError, CleaningAbortedError. */
  async read(file: DiskFile, target: Uint8Array, length: number, position: number): Promise<number> {
    const { pace } = this.means;
    await this.throttle(length);
    await this.pause();
    if (!pace.mayBlock()) return file.read(target, 0, length, position);
    const startedAt = pace.now();
    const count = file.readSync(target, 0, length, position);
    pace.noteBlockingRead(pace.now() - startedAt);
    return count;
  }
}
