// Commits what a program is done with: now and then by itself (enable.auto.commit), or when it is told to.
import { Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import type { Clock, Logger, Timer } from '../../runtime/index.ts';
import type { CommittedOffset, GroupOffsets } from '../group/group-offsets.ts';
import { placeName } from './consumed-record.ts';
import type { PartitionState } from './partition-state.ts';

export interface CommittingOptions {
  readonly offsets: GroupOffsets;
  readonly states: ReadonlyMap<string, PartitionState>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** auto.commit.interval.ms; undefined: only when told to. */
  readonly intervalMs: number | undefined;
  /** Before offsets are looked at: the program may be done with more than it has said. */
  readonly settle: () => void;
  readonly fault: (error: unknown) => void;
}

/** Other members own the partitions by now, or will tell: nothing that the program could do about it. */
const OVERTAKEN: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
  Errors.FENCED_MEMBER_EPOCH,
  Errors.STALE_MEMBER_EPOCH,
  Errors.REBALANCE_IN_PROGRESS,
  Errors.BROKER_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
]);

export class Committing {
  readonly #options: CommittingOptions;
  #timer: Timer | undefined;
  #isClosed = false;
  /** One after the other: what was committed later must not be overtaken by what was committed before. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: CommittingOptions) {
    this.#options = options;
  }

  start(): void {
    const { intervalMs, clock } = this.#options;
    if (intervalMs === undefined || this.#timer !== undefined || this.#isClosed) return;
    this.#timer = clock.schedule(intervalMs, () => void this.#tick(intervalMs));
  }

  stop(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Rejects with KafkaError. */
  commit(offsets: readonly CommittedOffset[], deadlineMs: number): Promise<void> {
    const { states } = this.#options;
    const owned = new Map(offsets.map((one) => [one, states.get(placeName(one.topic, one.partition))]));
    const work = this.#last.then(async () => {
      await this.#options.offsets.commit(offsets, deadlineMs, (one) => owned.get(one)?.isGone !== true);
      for (const [{ offset }, state] of owned) if (state !== undefined) state.committed = offset;
    });
    this.#last = work.catch(() => undefined);
    return work;
  }

  /** What the program is done with. Rejects with KafkaError. */
  commitHandled(states: Iterable<PartitionState>, deadlineMs: number): Promise<void> {
    return this.commit(handledOf(states), deadlineMs);
  }

  /** As `commitHandled`, where nobody has asked for it: what fails is logged, and tried again later. */
  async commitQuietly(states: Iterable<PartitionState>, deadlineMs: number): Promise<void> {
    try {
      await this.commitHandled(states, deadlineMs);
    } catch (error) {
      const isPassing = error instanceof KafkaError && (isRetriable(error.code) || OVERTAKEN.has(error.code));
      if (!isPassing) this.#options.fault(error);
      else this.#options.logger.log('debug', 'offsets could not be committed', { reason: error.message });
    }
  }

  async #tick(intervalMs: number): Promise<void> {
    this.#options.settle();
    const states = [...this.#options.states.values()].filter(({ isHeld }) => !isHeld);
    await this.commitQuietly(states, this.#options.clock.monotonicMs() + intervalMs);
    this.#timer = undefined;
    this.start();
  }
}

/** Where it is not committed already. */
function handledOf(states: Iterable<PartitionState>): CommittedOffset[] {
  const offsets: CommittedOffset[] = [];
  for (const { topic, partition, handled, handledEpoch, committed, isGone } of states) {
    if (isGone || handled < 0 || handled === committed) continue;
    offsets.push({ topic, partition, offset: handled, leaderEpoch: handledEpoch });
  }
  return offsets;
}
