// One partition of a fetch: what was asked, where it stands in the log, and its answer in the shape of the response. Locating
// is synchronous and cheap; reading is a step of its own, taken when it is certain that the bytes will be sent.
import type { BufferSource, LogSlice } from '../../log/index.ts';
import { Errors, KafkaError, type Int64 } from '../../protocol/index.ts';
import { DiskError } from '../../runtime/index.ts';
import type { FetchTarget, TargetAnswer } from './fetch-session.ts';
import type { FollowedTargets } from './followed-targets.ts';
import type { Partition, ReadLimit } from '../partition.ts';
import type { Watcher } from '../purgatory.ts';
import type { ReplicationQuota } from '../replication-quota.ts';

export interface FetchOptions {
  /** -1: a consumer. */
  readonly replicaId: number;
  /** The epoch of the follower's registration; -1, or left out, when it does not tell. */
  readonly replicaEpoch?: number;
  readonly isReadCommitted: boolean;
  /** Only the leader may answer: followers, and consumers that cannot be told to look elsewhere (before Fetch v11). */
  readonly leaderOnly: boolean;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Of the fetch of a follower, where anything is throttled. */
  readonly quota?: ReplicationQuota | undefined;
  /** Of the fetch of a follower in a session: partitions that it does not visit, as nothing has happened to them so far. */
  readonly atRest?: FollowedTargets | undefined;
  /** Where a consumer had better read the offset, -1: here. Left out where nobody is sent elsewhere. */
  readonly readReplica?: ((partition: Partition, offset: number) => number) | undefined;
}

const NO_RECORDS: readonly Uint8Array[] = [];

/** One partition of a fetch: what was asked, and its answer in the shape of the response. */
export class FetchAnswer implements TargetAnswer, Watcher {
  readonly target: FetchTarget;
  /** The name, also where the request named the id; empty when there is no such topic. */
  readonly topic: string;
  readonly partition: Partition | undefined;
  readonly partitionIndex: number;
  errorCode: number;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;
  divergingEpoch: { epoch: number; endOffset: number } | undefined;
  currentLeader: { leaderId: number; leaderEpoch: number } | undefined;
  abortedTransactions: readonly { readonly producerId: Int64; readonly firstOffset: number }[] | null = null;
  preferredReadReplica = -1;
  records: readonly Uint8Array[] = NO_RECORDS;
  sizeBytes = 0;
  slice: LogSlice | undefined;
  #run: AnswerWatcher | undefined;
  /** The leader has taken note of how far the follower is, which it says once with each fetch. */
  #isNoted: boolean;
  #hasMoved = false;

  /**
   * `errorCode` not 0: there is no partition to look at, and this is why. `isNoted`: what the follower says is known, it has
   * not asked anew.
   */
  constructor(
    target: FetchTarget,
    topic: string,
    partition: Partition | undefined,
    errorCode: number,
    isNoted = false,
  ) {
    this.#isNoted = isNoted;
    this.target = target;
    this.topic = topic;
    this.partition = partition;
    this.partitionIndex = target.partition;
    this.errorCode = errorCode;
  }

  /** It was found empty, and nothing has happened to its partition since. */
  get isAsBefore(): boolean {
    return !this.#hasMoved && this.sizeBytes === 0;
  }
  get isDiverging(): boolean {
    return this.divergingEpoch !== undefined;
  }
  get isElsewhere(): boolean {
    return this.preferredReadReplica >= 0;
  }

  /** Finds what can be sent now, at most `maxBytes`, but the whole first batch if `minOneBatch`. */
  locate(options: FetchOptions, limit: ReadLimit, maxBytes: number, minOneBatch: boolean): void {
    if (this.partition === undefined) return;
    this.#reset();
    try {
      this.#locateIn(this.partition, options, limit, maxBytes, minOneBatch);
    } catch (error) {
      this.#readFailed(error);
    }
  }

  #locateIn(
    partition: Partition,
    options: FetchOptions,
    limit: ReadLimit,
    maxBytes: number,
    minOneBatch: boolean,
  ): void {
    const { target } = this;
    const accessError = partition.checkAccess(target.currentLeaderEpoch, options.leaderOnly);
    if (accessError !== Errors.NONE) return this.fail(accessError);
    const isFollower = options.replicaId >= 0;
    const followerError = isFollower
      ? partition.checkFollower(options.replicaId, options.replicaEpoch ?? -1, target.currentLeaderEpoch)
      : Errors.NONE;
    if (followerError !== Errors.NONE) return this.fail(followerError);
    const { log } = partition;
    if (target.lastFetchedEpoch >= 0 && this.#checkDivergence(partition)) return;
    if (target.fetchOffset < log.logStartOffset || target.fetchOffset > log.logEndOffset) {
      return this.fail(Errors.OFFSET_OUT_OF_RANGE);
    }
    if (isFollower) this.#noteFollower(partition, options);
    // No log can be read backwards (Kafka: LogSegment.read); where there is nothing to read it does not come to that.
    if (maxBytes < 0 && target.fetchOffset < partition.endFor(limit)) return this.fail(Errors.UNKNOWN_SERVER_ERROR);
    this.#take(partition);
    if (options.readReplica !== undefined) {
      this.preferredReadReplica = options.readReplica(partition, target.fetchOffset);
      if (this.preferredReadReplica >= 0) return;
    }
    if (options.isReadCommitted) this.abortedTransactions = [];
    const upTo = partition.endFor(limit);
    if (options.quota !== undefined && this.isHeldBack(options, options.quota)) return;
    if (target.fetchOffset >= upTo || (maxBytes <= 0 && !minOneBatch)) return;
    const slice = log.read(target.fetchOffset, maxBytes, { upTo, minOneBatch: true });
    // Only the first partition with records may go beyond the limit: a batch that is cut at its head helps nobody.
    if (slice.sizeBytes === 0 || (slice.sizeBytes > maxBytes && !minOneBatch)) return;
    this.slice = slice;
    this.sizeBytes = slice.sizeBytes;
    if (options.isReadCommitted) {
      const end = Math.min(upTo, slice.upperBoundOffset ?? upTo);
      this.abortedTransactions = log.abortedTransactions(target.fetchOffset, end);
    }
  }

  /** The high watermark that the answer carries is what this very fetch has made of it. */
  #noteFollower(partition: Partition, { replicaId, replicaEpoch = -1 }: FetchOptions): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    const { fetchOffset, logStartOffset } = this.target;
    partition.followerFetched(replicaId, fetchOffset, logStartOffset, replicaEpoch);
  }

  /** The follower is throttled, is not in sync, and has had enough (ReplicaManager.shouldLeaderThrottle). */
  isHeldBack({ replicaId }: FetchOptions, quota: ReplicationQuota): boolean {
    const { partition, partitionIndex } = this;
    if (partition === undefined || !quota.isThrottled(this.topic, partitionIndex)) return false;
    return !partition.state.isr.includes(replicaId) && quota.isExceeded;
  }

  /** How many more bytes there are now than when it was last measured; enough for any wait when they cannot be read. */
  remeasure(upTo: number): number {
    const before = this.sizeBytes;
    try {
      const found = this.partition?.log.read(this.target.fetchOffset, this.target.maxBytes, {
        upTo,
        minOneBatch: true,
      });
      this.sizeBytes = found?.sizeBytes ?? 0;
    } catch (error) {
      if (!(error instanceof DiskError || error instanceof KafkaError)) throw error;
      return Number.MAX_SAFE_INTEGER;
    }
    return this.sizeBytes - before;
  }

  #take(partition: Partition): void {
    this.highWatermark = partition.log.highWatermark;
    this.lastStableOffset = partition.log.lastStableOffset;
    this.logStartOffset = partition.log.logStartOffset;
  }

  /** True when the answer is settled: the client's log and ours part before the offset asked for (KIP-595). */
  #checkDivergence(partition: Partition): boolean {
    const { target } = this;
    const { log } = partition;
    // Most often it is of the latest epoch, of which it can have no more than there is.
    const isLatest = target.lastFetchedEpoch === log.latestEpoch;
    if (isLatest && target.fetchOffset <= log.logEndOffset && target.fetchOffset >= log.logStartOffset) return false;
    const end = log.endOffsetForEpoch(target.lastFetchedEpoch);
    if (end.leaderEpoch === -1 || end.endOffset === -1 || target.fetchOffset < log.logStartOffset) {
      this.fail(Errors.OFFSET_OUT_OF_RANGE);
      return true;
    }
    if (end.leaderEpoch >= target.lastFetchedEpoch && end.endOffset >= target.fetchOffset) return false;
    this.#take(partition);
    this.divergingEpoch = { epoch: end.leaderEpoch, endOffset: end.endOffset };
    return true;
  }

  #reset(): void {
    this.errorCode = Errors.NONE;
    this.divergingEpoch = undefined;
    this.preferredReadReplica = -1;
    this.abortedTransactions = null;
    this.slice = undefined;
    this.sizeBytes = 0;
  }

  fail(errorCode: number): void {
    this.#reset();
    this.errorCode = errorCode;
    this.highWatermark = -1;
    this.lastStableOffset = -1;
    this.logStartOffset = -1;
    this.records = NO_RECORDS;
  }

  /** Reads at once what is in the page cache. A disk that fails makes the partition's answer KAFKA_STORAGE_ERROR. */
  readNow(slice: LogSlice, source: BufferSource): void {
    try {
      this.records = slice.readSync(source);
    } catch (error) {
      this.#readFailed(error);
    }
  }
  async readLater(slice: LogSlice, source: BufferSource): Promise<void> {
    try {
      this.records = await slice.read(source);
    } catch (error) {
      this.#readFailed(error);
    }
  }
  #readFailed(error: unknown): void {
    if (error instanceof KafkaError) return this.fail(error.code);
    if (!(error instanceof DiskError)) throw error;
    this.partition?.log.diskFailed(error);
    this.fail(Errors.KAFKA_STORAGE_ERROR);
  }

  watch(run: AnswerWatcher): void {
    this.#run = run;
    this.partition?.watch(this);
  }
  unwatch(): void {
    this.#run = undefined;
    this.partition?.unwatch(this);
  }
  moved(): void {
    this.#hasMoved = true;
    this.#run?.partitionMoved(this);
  }
}

/** Told which of its partitions has moved. */
export interface AnswerWatcher {
  partitionMoved(answer: FetchAnswer): void;
}
