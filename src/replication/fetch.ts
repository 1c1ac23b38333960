// One Fetch request over the partitions of this node: what to read, whether that is enough or has to wait, then the reading.
// Locating is synchronous and cheap; bytes are read once, when it is certain that they will be sent. Every partition keeps
// its place in the answer, whichever way its bytes come.
import { Errors } from '../protocol/index.ts';
import { type Clock, DiskError } from '../runtime/index.ts';
import type { LogSlice } from '../log/index.ts';
import type { FetchTarget, TargetAnswer } from './fetch-session.ts';
import type { Partition, ReadLimit } from './partition.ts';
import type { Parked, ParkingPlace, Purgatory, Watcher } from './purgatory.ts';
import { READ_STEP_BYTES } from './replication-config.ts';
import type { ResponseMemory } from './response-memory.ts';

export interface FetchOptions {
  /** -1: a consumer. */
  readonly replicaId: number;
  readonly isReadCommitted: boolean;
  /** Only the leader may answer: followers, and consumers that cannot be told to look elsewhere (before Fetch v11). */
  readonly leaderOnly: boolean;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** A client connection, as far as a parked request cares. */
export interface ClosableScope {
  whenClosed(waiter: { connectionClosed(): void }): void;
  forget(waiter: { connectionClosed(): void }): void;
}

/** Makes the response when all partitions have been read. */
export interface FetchConcluder<R> {
  conclude(answers: readonly FetchAnswer[]): R;
  /** What the promise is settled with when nobody is left to answer. */
  abandon(): R;
}

/** What a fetch needs of the node. */
export interface FetchEnvironment {
  readonly clock: Clock;
  readonly purgatory: Purgatory;
  readonly memory: ResponseMemory;
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
  abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[] | null = null;
  preferredReadReplica = -1;
  records: readonly Uint8Array[] = NO_RECORDS;
  sizeBytes = 0;
  slice: LogSlice | undefined;
  #run: AnswerWatcher | undefined;

  /** `errorCode` not 0: there is no partition to look at, and this is why. */
  constructor(target: FetchTarget, topic: string, partition: Partition | undefined, errorCode: number) {
    this.target = target;
    this.topic = topic;
    this.partition = partition;
    this.partitionIndex = target.partition;
    this.errorCode = errorCode;
  }

  get isDiverging(): boolean {
    return this.divergingEpoch !== undefined;
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
    if (isFollower && !partition.isReplica(options.replicaId)) return this.fail(Errors.NOT_LEADER_OR_FOLLOWER);
    const { log } = partition;
    if (target.lastFetchedEpoch >= 0 && this.#checkDivergence(partition)) return;
    if (target.fetchOffset < log.logStartOffset || target.fetchOffset > log.logEndOffset) {
      return this.fail(Errors.OFFSET_OUT_OF_RANGE);
    }
    this.#take(partition);
    if (options.isReadCommitted) this.abortedTransactions = [];
    const upTo = partition.endFor(limit);
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

  /** How many more bytes there are now than when it was last measured; enough for any wait when the disk fails. */
  remeasure(upTo: number): number {
    const before = this.sizeBytes;
    try {
      const found = this.partition?.log.read(this.target.fetchOffset, this.target.maxBytes, {
        upTo,
        minOneBatch: true,
      });
      this.sizeBytes = found?.sizeBytes ?? 0;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
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
    const end = partition.log.endOffsetForEpoch(target.lastFetchedEpoch);
    if (end.leaderEpoch === -1 || end.endOffset === -1 || target.fetchOffset < partition.log.logStartOffset) {
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
  readNow(slice: LogSlice): void {
    try {
      this.records = slice.readSync();
    } catch (error) {
      this.#readFailed(error);
    }
  }
  async readLater(slice: LogSlice): Promise<void> {
    try {
      this.records = await slice.read();
    } catch (error) {
      this.#readFailed(error);
    }
  }
  #readFailed(error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
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
    this.#run?.partitionMoved(this);
  }
}

interface AnswerWatcher {
  partitionMoved(answer: FetchAnswer): void;
}

/** Use once: `execute`. */
export class FetchRun<R> implements Parked, AnswerWatcher {
  readonly #environment: FetchEnvironment;
  readonly #options: FetchOptions;
  readonly #limit: ReadLimit;
  /** Partitions that exist, in the order asked; then those that do not. */
  readonly #answers: readonly FetchAnswer[];
  readonly #knownCount: number;
  readonly #concluder: FetchConcluder<R>;
  readonly #scope: ClosableScope;
  #readableBytes = 0;
  #isSettled = false;
  #place: ParkingPlace | undefined;
  #resolve: ((response: R | PromiseLike<R>) => void) | undefined;

  constructor(
    environment: FetchEnvironment,
    options: FetchOptions,
    known: readonly FetchAnswer[],
    unknown: readonly FetchAnswer[],
    concluder: FetchConcluder<R>,
    scope: ClosableScope,
  ) {
    this.#environment = environment;
    this.#options = options;
    this.#limit =
      options.replicaId >= 0 ? 'log-end' : options.isReadCommitted ? 'last-stable-offset' : 'high-watermark';
    this.#answers = unknown.length === 0 ? known : [...known, ...unknown];
    this.#knownCount = known.length;
    this.#concluder = concluder;
    this.#scope = scope;
  }

  /** The response at once, when it can be made without waiting for anything. */
  execute(): R | Promise<R> {
    this.#locate();
    if (this.#isEnough()) return this.#answer();
    const place = this.#environment.purgatory.park(this, this.#options.maxWaitMs);
    if (place === undefined) return this.#answer();
    this.#place = place;
    for (let at = 0; at < this.#knownCount; at++) (this.#answers[at] as FetchAnswer).watch(this);
    const promise = new Promise<R>((resolve) => (this.#resolve = resolve));
    this.#scope.whenClosed(this);
    return promise;
  }

  #locate(): void {
    let room = Math.min(this.#options.maxBytes, this.#environment.memory.freeBytes);
    let minOneBatch = true;
    this.#readableBytes = 0;
    this.#isSettled = this.#knownCount === 0;
    for (let at = 0; at < this.#knownCount; at++) {
      const answer = this.#answers[at] as FetchAnswer;
      answer.locate(this.#options, this.#limit, Math.min(room, answer.target.maxBytes), minOneBatch);
      if (answer.errorCode !== Errors.NONE || answer.isDiverging) this.#isSettled = true;
      if (answer.sizeBytes === 0) continue;
      this.#readableBytes += answer.sizeBytes;
      room = Math.max(0, room - answer.sizeBytes);
      minOneBatch = false;
    }
    if (this.#options.replicaId >= 0) this.#noteFollower();
  }

  #noteFollower(): void {
    for (let at = 0; at < this.#knownCount; at++) {
      const { errorCode, isDiverging, partition, target } = this.#answers[at] as FetchAnswer;
      if (errorCode !== Errors.NONE || isDiverging) continue;
      partition?.followerFetched(this.#options.replicaId, target.fetchOffset);
    }
  }

  #isEnough(): boolean {
    return this.#isSettled || this.#options.maxWaitMs <= 0 || this.#readableBytes >= this.#options.minBytes;
  }

  /** A partition has moved while this request is parked: only that one is looked at again. */
  partitionMoved(answer: FetchAnswer): void {
    const { partition, target } = answer;
    if (partition === undefined || this.#isNoLongerValid(partition, target)) return this.#complete();
    const upTo = partition.endFor(this.#limit);
    if (upTo <= target.fetchOffset) return;
    if (this.#options.minBytes <= 1) return this.#complete();
    this.#readableBytes += answer.remeasure(upTo);
    if (this.#readableBytes >= this.#options.minBytes) this.#complete();
  }

  #isNoLongerValid(partition: Partition, target: FetchTarget): boolean {
    if (partition.checkAccess(target.currentLeaderEpoch, this.#options.leaderOnly) !== Errors.NONE) return true;
    return target.fetchOffset < partition.log.logStartOffset || target.fetchOffset > partition.log.logEndOffset;
  }

  expired(): void {
    this.#complete();
  }

  /** Nobody is left to answer: the wait ends, nothing is read. */
  connectionClosed(): void {
    const resolve = this.#leave();
    resolve?.(this.#concluder.abandon());
  }

  #complete(): void {
    const resolve = this.#leave();
    if (resolve === undefined) return;
    this.#locate();
    resolve(this.#answer());
  }

  #leave(): ((response: R | PromiseLike<R>) => void) | undefined {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#place?.leave();
    this.#scope.forget(this);
    for (let at = 0; at < this.#knownCount; at++) (this.#answers[at] as FetchAnswer).unwatch();
    return resolve;
  }

  #answer(): R | Promise<R> {
    let step = 0;
    for (let at = 0; at < this.#knownCount; at++) {
      const answer = this.#answers[at] as FetchAnswer;
      const { slice } = answer;
      if (slice === undefined) continue;
      if (!slice.isHot || step >= READ_STEP_BYTES) return this.#answerLater(at);
      answer.readNow(slice);
      step += slice.sizeBytes;
    }
    return this.#concluder.conclude(this.#answers);
  }

  async #answerLater(from: number): Promise<R> {
    let held = 0;
    const { clock, memory } = this.#environment;
    for (let at = 0; at < this.#knownCount; at++) held += this.#answers[at]?.slice?.sizeBytes ?? 0;
    memory.take(held);
    try {
      let step = READ_STEP_BYTES;
      for (let at = from; at < this.#knownCount; at++) {
        const answer = this.#answers[at] as FetchAnswer;
        const { slice } = answer;
        if (slice === undefined) continue;
        if (!slice.isHot) {
          await answer.readLater(slice);
          continue;
        }
        if (step >= READ_STEP_BYTES) {
          step = 0;
          await new Promise<void>((resolve) => clock.endOfTurn(resolve));
        }
        answer.readNow(slice);
        step += slice.sizeBytes;
      }
      return this.#concluder.conclude(this.#answers);
    } finally {
      memory.give(held);
    }
  }
}
