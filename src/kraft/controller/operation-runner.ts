// How operations become state: one after the other, each on the state that the ones before it left, whether that is committed
// yet or not (Kafka: the event queue of QuorumController and OffsetControlManager). Short ones run in the turn in which they
// are asked for. Where a broker with 10,000 partitions goes, its records are drawn, replayed and appended in slices.
import { assert, type Clock } from '../../runtime/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import { MetadataDelta, type MetadataImage, type MetadataRecord } from '../metadata/index.ts';
import { NotLeaderError } from '../raft/index.ts';
import type { ControllerState, Outcome } from './operation.ts';
import { PartitionIndex } from './placement/partition-index.ts';

/** What the controller asks of the metadata log (RaftDriver). */
export interface ControllerLog {
  readonly logEndOffset: number;
  /** The level of the feature kraft.version. */
  readonly kraftVersion: number;
  /** Who votes in the quorum. */
  readonly voters: { readonly ids: readonly number[] };
  append(records: readonly MetadataRecord[], epoch: number): number;
  /** Raises kraft.version to `version`; as `append` otherwise. */
  raiseKraftVersion(version: number, epoch: number): number;
  committed(offset: number): Promise<void>;
}

/** What the controller asks of the loader of its node (MetadataLoader). */
export interface CommittedMetadata {
  readonly image: MetadataImage;
  readonly isInTransaction: boolean;
  published(offset: number): Promise<void>;
}

export interface OperationRunnerOptions {
  readonly log: ControllerLog;
  readonly committed: CommittedMetadata;
  readonly clock: Clock;
}

/** Records that are drawn and appended in one turn: some milliseconds of work. */
const SLICE_LENGTH = 500;

export class OperationRunner {
  readonly #options: OperationRunnerOptions;
  /** undefined: another node is the active controller, or nobody. */
  #epoch: number | undefined;
  #state: ControllerState | undefined;
  #isBusy = false;
  readonly #waiting: (() => void)[] = [];

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** The state that the next operation will see: committed or about to be; what is committed while inactive. */
  get image(): MetadataImage {
    return this.#state?.image ?? this.#options.committed.image;
  }

  /** From now on this node decides, beginning with what is committed. Walks through all partitions once. */
  activate(epoch: number): void {
    const { image } = this.#options.committed;
    this.#epoch = epoch;
    this.#state = { image, partitions: new PartitionIndex(image) };
  }

  /** Operations are refused from now on; what was not committed is forgotten. */
  resign(): void {
    this.#epoch = undefined;
    this.#state = undefined;
  }

  /** Replays, then appends; the state changes only if both succeed. Returns the last offset. Throws NotLeaderError. */
  append(records: readonly MetadataRecord[]): number {
    const state = this.#state;
    const epoch = this.#epoch;
    assert(state !== undefined && epoch !== undefined, 'only the active controller appends');
    const delta = new MetadataDelta(state.image);
    for (const record of records) delta.replay(record);
    const { log, clock } = this.#options;
    const offset = log.append(records, epoch);
    state.partitions.follow(delta);
    const image = delta.apply({ offset, epoch, appendTimeMs: clock.nowMs(), isBatchAligned: false });
    this.#state = { image, partitions: state.partitions };
    return offset;
  }

  /**
   * Resolves with the answer when its records are committed and published on this node. Rejects with KafkaError: that of the
   * operation, or NOT_CONTROLLER when this node is not the active controller, or ceases to be.
   */
  async run<R>(operation: (state: ControllerState) => Outcome<R>): Promise<R> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isBusy = true;
    const { log, committed } = this.#options;
    try {
      let outcome: Outcome<R>;
      let offset: number;
      let hasChanged: boolean;
      try {
        if (this.#state === undefined || this.#epoch === undefined) throw new KafkaError(Errors.NOT_CONTROLLER);
        outcome = operation(this.#state);
        const { kraftVersion } = outcome;
        const before = log.logEndOffset;
        if (kraftVersion !== undefined) log.raiseKraftVersion(kraftVersion, this.#epoch);
        const slices = this.#write(outcome.records, this.#epoch);
        if (slices !== undefined) await slices;
        // Without records the answer still rests on what is not committed yet: it waits for that.
        offset = log.logEndOffset - 1;
        hasChanged = log.logEndOffset > before;
        outcome.appended?.(offset);
      } finally {
        this.#next();
      }
      await log.committed(offset);
      if (hasChanged) await committed.published(offset);
      return outcome.response;
    } catch (error) {
      if (error instanceof NotLeaderError) throw new KafkaError(Errors.NOT_CONTROLLER);
      throw error;
    }
  }

  /** Lets the next operation in; it keeps the place from the one before, so that none overtakes another. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isBusy = false;
    else next();
  }

  /** In this turn what fits into it; undefined when that was all. */
  #write(records: Iterable<MetadataRecord>, epoch: number): Promise<void> | undefined {
    if (Array.isArray(records)) {
      if (records.length > 0) this.append(records);
      return undefined;
    }
    const drawn = records[Symbol.iterator]();
    return this.#writeSlice(drawn) ? this.#writeRest(drawn, epoch) : undefined;
  }

  async #writeRest(drawn: Iterator<MetadataRecord>, epoch: number): Promise<void> {
    const { clock } = this.#options;
    do {
      await new Promise<void>((resolve) => clock.endOfTurn(resolve));
      if (this.#epoch !== epoch) throw new KafkaError(Errors.NOT_CONTROLLER);
    } while (this.#writeSlice(drawn));
  }

  /** False when nothing is left behind this slice. */
  #writeSlice(drawn: Iterator<MetadataRecord>): boolean {
    const slice: MetadataRecord[] = [];
    while (slice.length < SLICE_LENGTH) {
      const next = drawn.next();
      if (next.done === true) break;
      slice.push(next.value);
    }
    if (slice.length > 0) this.append(slice);
    return slice.length === SLICE_LENGTH;
  }
}
