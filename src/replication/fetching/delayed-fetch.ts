// One Fetch request over the partitions of this node: what is there, whether that is enough or has to wait, then the reading.
// Bytes are read once, and every partition keeps its place in the answer, whichever way its bytes come.
import { Errors } from '../../protocol/index.ts';
import { assert, type Clock } from '../../runtime/index.ts';
import { type AnswerWatcher, FetchAnswer, type FetchOptions } from './fetch-answer.ts';
import type { FetchTarget } from './fetch-session.ts';
import type { WaitingFetch } from './followed-targets.ts';
import type { Partition, ReadLimit } from '../partition.ts';
import type { Parked, ParkingPlace, Purgatory } from '../purgatory.ts';
import { READ_STEP_BYTES } from '../replication-config.ts';
import type { ReplicationQuota } from '../replication-quota.ts';
import { type ReadBuffers, ReadLease } from './read-buffers.ts';
import type { ResponseMemory } from './response-memory.ts';

/** A client connection, as far as a parked request cares. */
export interface ClosableScope {
  whenClosed(waiter: { connectionClosed(): void }): void;
  forget(waiter: { connectionClosed(): void }): void;
}

/** Makes the response out of partitions that have been read: the half of a fetch that belongs to its handler. */
export interface FetchResponseBuilder<R> {
  /** `lease` is to be told when the response has been sent. */
  build(answers: readonly FetchAnswer[], lease: ReadLease): R;
  /** The response that nobody is left to get: the connection has closed. */
  abandoned(): R;
}

/** What a fetch needs of the node. */
export interface FetchEnvironment {
  readonly clock: Clock;
  readonly purgatory: Purgatory;
  readonly memory: ResponseMemory;
  readonly readBuffers: ReadBuffers;
}

/** Use once: `execute`. */
export class DelayedFetch<R> implements Parked, AnswerWatcher, WaitingFetch {
  readonly #environment: FetchEnvironment;
  readonly #options: FetchOptions;
  readonly #limit: ReadLimit;
  /** Partitions that exist, in the order asked; then those that do not. */
  readonly #answers: FetchAnswer[];
  #knownCount: number;
  readonly #builder: FetchResponseBuilder<R>;
  readonly #scope: ClosableScope;
  readonly #lease: ReadLease;
  #readableBytes = 0;
  #isSettled = false;
  #isAnswered = false;
  #place: ParkingPlace | undefined;
  #resolve: ((response: R | PromiseLike<R>) => void) | undefined;

  /** `known` is the fetch's from now on. */
  constructor(
    environment: FetchEnvironment,
    options: FetchOptions,
    known: FetchAnswer[],
    unknown: readonly FetchAnswer[],
    builder: FetchResponseBuilder<R>,
    scope: ClosableScope,
  ) {
    this.#environment = environment;
    this.#options = options;
    this.#limit =
      options.replicaId >= 0 ? 'log-end' : options.isReadCommitted ? 'last-stable-offset' : 'high-watermark';
    this.#answers = unknown.length === 0 ? known : [...known, ...unknown];
    this.#knownCount = known.length;
    this.#builder = builder;
    this.#scope = scope;
    this.#lease = new ReadLease(environment.readBuffers);
  }

  /** The response at once, when it can be made without waiting for anything. */
  execute(): R | Promise<R> {
    assert(!this.#isAnswered && this.#place === undefined, 'a fetch is executed once');
    this.#locate(false);
    if (this.#isEnough()) return this.#answer();
    const place = this.#environment.purgatory.park(this, this.#options.maxWaitMs);
    if (place === undefined) return this.#answer();
    this.#place = place;
    for (let at = 0; at < this.#knownCount; at++) (this.#answers[at] as FetchAnswer).watch(this);
    const promise = new Promise<R>((resolve) => (this.#resolve = resolve));
    this.#scope.whenClosed(this);
    this.#options.atRest?.awaitedBy(this);
    return promise;
  }

  /** A partition that was at rest has moved: it is looked at like the others from now on. */
  join(target: FetchTarget, partition: Partition): void {
    const answer = new FetchAnswer(target, partition.topic, partition, Errors.NONE, true);
    this.#answers.splice(this.#knownCount, 0, answer);
    this.#knownCount += 1;
    answer.watch(this);
    answer.moved();
  }

  /** `isAgain`: after a wait, where those that have nothing and have not moved are as they were. */
  #locate(isAgain: boolean): void {
    let room = Math.min(this.#options.maxBytes, this.#environment.memory.freeBytes);
    let minOneBatch = true;
    this.#readableBytes = 0;
    // Nothing was asked for at all.
    this.#isSettled = this.#knownCount === 0 && !this.#hasResting;
    for (let at = 0; at < this.#knownCount; at++) {
      const answer = this.#answers[at] as FetchAnswer;
      if (isAgain && answer.isAsBefore) continue;
      answer.locate(this.#options, this.#limit, Math.min(room, answer.target.maxBytes), minOneBatch);
      if (answer.errorCode !== Errors.NONE || answer.isDiverging || answer.isElsewhere) this.#isSettled = true;
      // Only the first one hears of a limit that is none.
      room = Math.max(0, room);
      if (answer.sizeBytes === 0) continue;
      this.#readableBytes += answer.sizeBytes;
      room = Math.max(0, room - answer.sizeBytes);
      minOneBatch = false;
    }
  }

  get #hasResting(): boolean {
    return (this.#options.atRest?.restingCount ?? 0) > 0;
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
    const { quota } = this.#options;
    if (quota !== undefined && answer.isHeldBack(this.#options, quota)) return;
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

  /** The connection has closed: the wait ends, and nothing is read. */
  connectionClosed(): void {
    const resolve = this.#leave();
    if (resolve === undefined) return;
    assert(!this.#isAnswered, 'a fetch is answered once');
    this.#isAnswered = true;
    resolve(this.#builder.abandoned());
  }

  #complete(): void {
    const resolve = this.#leave();
    assert(resolve !== undefined, 'who has left the purgatory is not woken');
    this.#locate(this.#options.quota === undefined);
    resolve(this.#answer());
  }

  #leave(): ((response: R | PromiseLike<R>) => void) | undefined {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#place?.leave();
    this.#scope.forget(this);
    this.#options.atRest?.left(this);
    for (let at = 0; at < this.#knownCount; at++) (this.#answers[at] as FetchAnswer).unwatch();
    return resolve;
  }

  #answer(): R | Promise<R> {
    assert(!this.#isAnswered, 'a fetch is answered once');
    this.#isAnswered = true;
    if (this.#options.quota !== undefined) this.#recordThrottled(this.#options.quota);
    let step = 0;
    for (let at = 0; at < this.#knownCount; at++) {
      const answer = this.#answers[at] as FetchAnswer;
      const { slice } = answer;
      if (slice === undefined) continue;
      if (!slice.isHot || step >= READ_STEP_BYTES) return this.#answerLater(at, step);
      answer.readNow(slice, this.#lease);
      step += slice.sizeBytes;
    }
    return this.#builder.build(this.#answers, this.#lease);
  }

  #recordThrottled(quota: ReplicationQuota): void {
    for (let at = 0; at < this.#knownCount; at++) {
      const { topic, partitionIndex, sizeBytes } = this.#answers[at] as FetchAnswer;
      if (sizeBytes > 0 && quota.isThrottled(topic, partitionIndex)) quota.record(sizeBytes);
    }
  }

  async #answerLater(from: number, stepBytes: number): Promise<R> {
    let held = 0;
    const { clock, memory } = this.#environment;
    for (let at = 0; at < this.#knownCount; at++) held += this.#answers[at]?.slice?.sizeBytes ?? 0;
    memory.take(held);
    try {
      let step = stepBytes;
      for (let at = from; at < this.#knownCount; at++) {
        const answer = this.#answers[at] as FetchAnswer;
        const { slice } = answer;
        if (slice === undefined) continue;
        if (step >= READ_STEP_BYTES) {
          step = 0;
          await new Promise<void>((resolve) => clock.endOfTurn(resolve));
        }
        if (slice.isHot) answer.readNow(slice, this.#lease);
        else await answer.readLater(slice, this.#lease);
        step += slice.sizeBytes;
      }
      return this.#builder.build(this.#answers, this.#lease);
    } finally {
      memory.give(held);
    }
  }
}
