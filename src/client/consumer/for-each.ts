// Works on many records at a time, in order for each key or partition, and says how far each partition is done without a gap: that
// far offsets are committed. What is given up is drained first: of it only that is begun which stands before something that is done
// already, or under way: whoever has the partition next would do the latter again. What is under way is awaited.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { CancelSignal } from '../connections/patience.ts';
import type { AnyRecord } from './delivery.ts';
import type { Handover } from './handover.ts';
import { type LaneBy, Lanes, type Task } from './lanes.ts';
import { OffsetProgress } from './offset-progress.ts';
import type { PartitionState } from './partition-state.ts';

export interface ForEachOptions {
  /** How many records are worked on at a time; 1 unless said otherwise. */
  readonly concurrency?: number;
  /** What keeps its order: records of one key (default), or of one partition. Records without a key have none to keep. */
  readonly by?: LaneBy;
  /**
   * Ends it in order: nothing new is begun but what stands before a record that has been begun, what is under way is awaited and
   * committed, then the call resolves.
   */
  readonly signal?: CancelSignal;
}

export interface ForEachSource {
  /** A partition with something ready; undefined: nothing is. Throws what cannot be read. */
  readonly next: () => PartitionState | undefined;
  readonly turn: () => void;
  readonly handover: Handover;
  /** Resolves when there may be something new, or something was said to `wake`. */
  readonly news: () => Promise<void>;
  readonly wake: () => void;
  /** Work has come to an end, or is waited for: the program is alive. */
  readonly alive: () => void;
  readonly isClosed: () => boolean;
}

/** Records that are taken ahead, for each that may be worked on: so many keys are looked for. */
const AHEAD = 4;

const isPaused = ({ state }: Task): boolean => state.isPaused;

export class ForEach {
  readonly #source: ForEachSource;
  readonly #concurrency: number;
  readonly #lanes: Lanes;
  readonly #handle: (record: AnyRecord) => unknown;
  readonly #signal: CancelSignal | undefined;
  readonly #progress = new Map<PartitionState, OffsetProgress>();
  /** Below the version of a partition that was sought elsewhere meanwhile nothing counts. */
  readonly #versions = new Map<PartitionState, number>();
  #running = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ForEachSource, options: ForEachOptions, handle: (record: AnyRecord) => unknown) {
    const { concurrency = 1, by = 'key', signal } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new KafkaError(Errors.INVALID_REQUEST, `concurrency: ${concurrency} is no number of records`);
    }
    this.#source = source;
    this.#concurrency = concurrency;
    this.#lanes = new Lanes(by);
    this.#signal = signal;
    this.#handle = handle;
  }

  /** Until the signal, the end of the consumer, or an error, which it rejects with when what was under way has ended. */
  async run(): Promise<void> {
    const { handover, news, wake } = this.#source;
    const onAbort = (): void => wake();
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    handover.owes((state) => this.#failure === undefined && this.#lanes.count((task) => this.#isOwed(task, state)) > 0);
    try {
      while (this.#failure === undefined) {
        this.#dropStale();
        if (!this.#isEnding()) this.#takeMore();
        else if (this.#lanes.waiting === 0) break;
        this.#beginSome();
        if (this.#failure === undefined) await news();
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    while (this.#running > 0) await news();
    this.#signal?.removeEventListener('abort', onAbort);
    this.#giveBack();
    handover.look();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #isEnding(): boolean {
    return this.#signal?.aborted === true || this.#source.isClosed();
  }

  #takeMore(): void {
    // What is kept back because its partition is paused takes nobody's room.
    const most = this.#concurrency * AHEAD + this.#lanes.count(isPaused);
    while (this.#lanes.waiting + this.#running < most) {
      const state = this.#source.next();
      if (state === undefined) break;
      while (state.hasReady && this.#lanes.waiting + this.#running < most) this.#add(state);
      this.#source.turn();
    }
    // Whoever waits for records is not idle.
    if (this.#running === 0) this.#source.alive();
  }

  #add(state: PartitionState): void {
    const key = state.nextKey();
    const record = state.take();
    if (this.#versions.get(state) !== state.version) {
      this.#versions.set(state, state.version);
      this.#progress.set(state, new OffsetProgress());
    }
    this.#progress.get(state)?.begin(record.offset, record.leaderEpoch);
    this.#lanes.add({ record, state, key });
  }

  #isCurrent(state: PartitionState): boolean {
    return !state.isGone && this.#versions.get(state) === state.version;
  }

  /** Whether it may be begun; while its partition is given up, or all comes to its end, only what was overtaken may. */
  #isWanted(task: Task): boolean {
    const { state } = task;
    if (!this.#isCurrent(state)) return false;
    return (!state.isHeld && !this.#isEnding()) || this.#isOwed(task, state);
  }

  /** Whether it is to be done before `owner` is given up. What is paused is not. */
  #isOwed({ state, record }: Task, owner: PartitionState): boolean {
    if (state !== owner || state.isPaused || !this.#isCurrent(state)) return false;
    return this.#progress.get(state)?.isOvertaken(record.offset) === true;
  }

  #beginSome(): void {
    while (this.#running < this.#concurrency && this.#failure === undefined) {
      const begun = this.#lanes.begin((task) => task.state.isPaused || !this.#isWanted(task));
      if (begun === undefined) return;
      this.#running++;
      this.#progress.get(begun.task.state)?.work(begun.task.record.offset);
      this.#source.handover.give(begun.task.state);
      void this.#work(begun.task, begun.end);
    }
  }

  async #work({ record, state }: Task, end: () => void): Promise<void> {
    const progress = this.#progress.get(state);
    try {
      await this.#handle(record);
      this.#done(state, progress, record);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#running--;
    end();
    this.#source.handover.back(state);
    this.#source.alive();
    this.#source.wake();
  }

  #done(state: PartitionState, progress: OffsetProgress | undefined, { offset }: AnyRecord): void {
    const prefix = progress?.done(offset);
    if (prefix === undefined || this.#progress.get(state) !== progress) return;
    if (this.#versions.get(state) !== state.version) return;
    // What was passed over behind the last record (markers of transactions) is done with it.
    const isAll = progress?.isEmpty === true && !state.hasReady && !state.hasUndecoded;
    if (isAll && state.position > prefix.end) state.done(state.position, state.takenEpoch);
    else state.done(prefix.end, prefix.leaderEpoch);
  }

  /** What is given up, or sought elsewhere, is not begun any more. */
  #dropStale(): void {
    const dropped = this.#lanes.drop((task) => !this.#isWanted(task));
    if (dropped.length > 0) this.#source.handover.look();
  }

  /** What is not done is read again by whoever reads next. */
  #giveBack(): void {
    this.#lanes.drop(() => true);
    for (const [state, progress] of this.#progress) {
      if (state.isGone || progress.isEmpty || this.#versions.get(state) !== state.version) continue;
      state.rewind(state.handled);
    }
  }
}
