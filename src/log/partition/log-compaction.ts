// What the cleaner may see of a log and do to it.
import { DiskError } from '../../runtime/index.ts';
import type { LogToClean } from '../cleaner/log-to-clean.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { CLEANED_SUFFIX, SWAP_SUFFIX } from '../segments/log-names.ts';
import { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';
import type { LogState } from './log-state.ts';
import { abortedIn } from './reading.ts';

/** A log, for one pass of the cleaner. */
export class LogCompaction implements LogToClean {
  /** The segments that were replaced; their files have the suffix `.deleted`. */
  readonly replaced: Segment[] = [];
  readonly #state: LogState;
  readonly #log: Pick<LogToClean, 'lastStableOffset' | 'flush'>;
  readonly #flushed: () => void;
  readonly #cuts: number;

  /** `flushed`: writes down how far logs are flushed. */
  constructor(state: LogState, log: Pick<LogToClean, 'lastStableOffset' | 'flush'>, flushed: () => void) {
    this.#state = state;
    this.#log = log;
    this.#flushed = flushed;
    this.#cuts = state.cuts;
  }

  get name(): string {
    return this.#state.name;
  }
  get config(): TopicLogConfig {
    return this.#state.config;
  }
  get segments(): Segments {
    return this.#state.segments;
  }
  get logStartOffset(): number {
    return this.#state.logStartOffset;
  }
  get logEndOffset(): number {
    return this.#state.logEndOffset;
  }
  get lastStableOffset(): number {
    return this.#log.lastStableOffset;
  }
  get producers(): ProducerState {
    return this.#state.producers;
  }

  get isInterrupted(): boolean {
    return this.#state.isClosed || this.#state.cuts !== this.#cuts;
  }

  async flush(): Promise<void> {
    await this.#log.flush();
    if (!this.isInterrupted) this.#flushed();
  }

  abortedTransactions(from: number, to: number): AbortedTransaction[] {
    return abortedIn(this.#state.segments, from, to);
  }

  newCleanedSegment(baseOffset: number): Segment {
    const { environment, directory } = this.#state;
    const createdMs = environment.clock.nowMs();
    return new Segment(environment.files, { directory, baseOffset, existing: 0, createdMs, suffix: CLEANED_SUFFIX });
  }

  /**
   * Kafka's LocalLog.replaceSegments. A start that finds a `.cleaned` file takes the change back, one that finds `.swap` files
   * alone carries it through: so these are on stable storage before the first old file goes.
   */
  replaceSegments(cleaned: Segment, old: readonly Segment[]): void {
    const state = this.#state;
    try {
      cleaned.changeSuffix(CLEANED_SUFFIX, SWAP_SUFFIX);
      this.#syncDirectory();
      state.segments.replace(old, cleaned);
      state.noteCompacted(cleaned.nextBaseOffset);
      for (const segment of old) {
        segment.renameToDeleted();
        this.replaced.push(segment);
        if (segment !== old[0]) state.snapshots.remove(segment.baseOffset);
      }
      cleaned.changeSuffix(SWAP_SUFFIX, '');
      this.#syncDirectory();
    } catch (error) {
      if (error instanceof DiskError) state.environment.diskFailed(state.directory, error);
      throw error;
    }
  }

  #syncDirectory(): void {
    this.#state.environment.disk.syncDirectorySync(this.#state.directory);
  }
}
