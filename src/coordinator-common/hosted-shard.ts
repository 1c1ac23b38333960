// One shard while this node leads its partition: operations run one at a time on its state, their records are replayed at
// once and gathered until the end of the turn of the event loop, and nothing is answered before everything that it rests on
// is committed. There is no way back in the state: when an append fails the whole shard is dropped, and loaded anew by the
// runtime. A dropped shard hears nothing any more.
import { assert, type Clock, type Logger } from '../runtime/index.ts';
import { buildBatch, type CodecId, Errors, errorName, HEADER_SIZE, KafkaError } from '../protocol/index.ts';
import type { PartitionWriter } from './partition-writer.ts';
import { type BatchOwner, HeldRequests, PendingBatch, sizeOf } from './pending-batch.ts';
import { type CoordinatorShard, Effects, type EncodedRecord, Held, type RecordSerde, type Reply } from './shard.ts';
import { TimerQueue } from './timer.ts';

export interface HostedShardOptions<S, R> {
  readonly partition: number;
  readonly shard: S;
  readonly serde: RecordSerde<R>;
  readonly writer: PartitionWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly codec: CodecId;
  /** How long an operation waits for its records to be committed. */
  readonly commitTimeoutMs: number;
  /** It has dropped itself. */
  readonly failed: (reason: string) => void;
  /** A batch was committed: the log works. */
  readonly progressed: () => void;
}

/** The shard's own event beside those of its tenant. */
const COMMIT_OVERDUE = Symbol('commit overdue');
const COMMIT_OVERDUE_KEY = '\u0000commit';

export class HostedShard<S extends CoordinatorShard<R, E>, R, E> implements BatchOwner {
  readonly #options: HostedShardOptions<S, R>;
  readonly #timers: TimerQueue<E | typeof COMMIT_OVERDUE>;
  readonly #held = new HeldRequests();
  /** Gathered in this turn; the last one is still open. */
  #gathering: PendingBatch[] = [];
  /** In the order of their offsets. */
  #inFlight: PendingBatch[] = [];
  #endOffset = -1;
  #isDropped = false;
  /** What those are told who would be held. */
  #waitsEnded: KafkaError | undefined;
  readonly #flush = (): void => this.#flushGathered();

  constructor(options: HostedShardOptions<S, R>) {
    this.#options = options;
    this.#timers = new TimerQueue(options.clock, (event) => this.#onTimer(event));
  }

  /** The log has been replayed up to `endOffset`: operations may come. */
  activate(endOffset: number): void {
    this.#endOffset = endOffset;
    this.#run((shard, effects) => shard.onLoaded(effects));
  }

  /** Runs `operation`; its result is given back when all that it has seen and written is committed. */
  ask<T>(operation: (shard: S, effects: Effects<R, E>) => T): T | Promise<T> {
    const result = this.#run(operation);
    const last = this.#lastPending;
    if (last === undefined) return result;
    const held = new Held<T>();
    last.answerLater({ held: held as Held<unknown>, response: result });
    return held.promise;
  }

  /** Runs `operation`, which answers the request through its effects, or keeps it to be answered by another operation. */
  hold<T>(operation: (shard: S, effects: Effects<R, E>, held: Held<T>) => void): Promise<T> {
    const held = new Held<T>();
    this.#held.add(held as Held<unknown>);
    try {
      this.#run((shard, effects) => operation(shard, effects, held));
    } catch (error) {
      this.#held.delete(held as Held<unknown>);
      throw error;
    }
    if (this.#waitsEnded !== undefined) this.#held.failAll(this.#waitsEnded);
    return held.promise;
  }

  /** Nobody is held any longer: who waits for another operation is told `error`. Operations go on, and so do commits. */
  endWaits(error: KafkaError): void {
    this.#waitsEnded = error;
    this.#held.failAll(error);
  }

  /** Nothing more comes of it; everybody who waits is told `error`. */
  drop(error: KafkaError): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#timers.clear();
    const pending = [...this.#inFlight, ...this.#gathering];
    this.#inFlight = [];
    this.#gathering = [];
    for (const batch of pending) batch.fail(error);
    this.#held.failAll(error);
  }

  /** Requests that wait for other members rather than for the log. */
  get heldRequests(): number {
    return this.#held.size;
  }

  get #lastPending(): PendingBatch | undefined {
    return this.#gathering.at(-1) ?? this.#inFlight.at(-1);
  }

  /** Throws the KafkaError that the operation throws: it must not have changed anything. All else it throws is a fault. */
  #run<T>(operation: (shard: S, effects: Effects<R, E>) => T): T {
    assert(!this.#isDropped, 'a dropped shard runs nothing');
    const effects = new Effects<R, E>(this.#options.clock.nowMs());
    try {
      const result = operation(this.#options.shard, effects);
      this.#apply(effects);
      return result;
    } catch (error) {
      if (error instanceof KafkaError) throw error;
      this.#fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    }
  }

  #apply(effects: Effects<R, E>): void {
    this.#gather(effects);
    for (const record of effects.records) this.#options.shard.replay(record, -1);
    for (const change of effects.timers) {
      if (change.kind === 'cancel') this.#timers.cancel(change.key);
      else this.#timers.schedule(change.key, change.delayMs, change.event);
    }
    if (effects.replies.length === 0) return;
    const last = this.#lastPending;
    for (const reply of effects.replies) this.#reply(reply, last);
  }

  #reply(reply: Reply, last: PendingBatch | undefined): void {
    this.#held.delete(reply.held);
    if (last === undefined) reply.held.answer(reply.response);
    else last.answerLater(reply);
  }

  /** Throws RECORD_LIST_TOO_LARGE, with nothing gathered, when the records of one operation do not fit into a batch. */
  #gather(effects: Effects<R, E>): void {
    const count = effects.records.length + effects.written.length;
    if (count === 0) return;
    const { serde, writer, partition } = this.#options;
    const encoded: EncodedRecord[] = [];
    for (const record of effects.records) encoded.push(serde.encode(record));
    for (const record of effects.written) encoded.push(serde.encode(record));
    const limit = writer.maxBatchBytes(partition) - HEADER_SIZE;
    let sizeBytes = 0;
    for (const record of encoded) {
      if (!effects.isAtomic) sizeBytes = 0;
      sizeBytes += sizeOf(record);
      if (sizeBytes > limit) throw new KafkaError(Errors.RECORD_LIST_TOO_LARGE);
    }
    if (this.#gathering.length === 0) this.#options.clock.endOfTurn(this.#flush);
    let batch = this.#batchFor(effects.isAtomic ? sizeBytes : 0, limit);
    for (const record of encoded) {
      if (!effects.isAtomic) batch = this.#batchFor(sizeOf(record), limit);
      batch.add(record);
    }
  }

  #batchFor(sizeBytes: number, limit: number): PendingBatch {
    const last = this.#gathering.at(-1);
    if (last !== undefined && last.sizeBytes + sizeBytes <= limit) return last;
    const batch = new PendingBatch(this);
    this.#gathering.push(batch);
    return batch;
  }

  #flushGathered(): void {
    const batches = this.#gathering;
    this.#gathering = [];
    for (let index = 0; index < batches.length; index++) {
      if (this.#isDropped) return;
      const batch = batches[index] as PendingBatch;
      this.#inFlight.push(batch);
      const reason = this.#append(batch);
      if (reason === undefined) continue;
      this.#inFlight.push(...batches.slice(index + 1));
      this.#fail(reason);
    }
  }

  /** Why the shard cannot go on, or undefined. */
  #append(batch: PendingBatch): string | undefined {
    const { writer, partition, clock, codec, commitTimeoutMs } = this.#options;
    const timestamp = clock.nowMs();
    const bytes = buildBatch(
      batch.records.map(({ key, value }) => ({ key, value, timestamp })),
      { codec },
    );
    const { errorCode, firstOffset, endOffset } = writer.append(partition, bytes);
    if (errorCode !== Errors.NONE) return `an append failed with ${errorName(errorCode)}`;
    // Somebody else has written to the partition: the state is not that of the log any more.
    if (firstOffset !== this.#endOffset) return `an append went to ${firstOffset} and not to ${this.#endOffset}`;
    this.#endOffset = endOffset;
    batch.appendedAtMs = clock.monotonicMs();
    if (this.#inFlight.length === 1) this.#timers.schedule(COMMIT_OVERDUE_KEY, commitTimeoutMs, COMMIT_OVERDUE);
    writer.awaitCommitted(partition, endOffset, batch);
    return undefined;
  }

  batchCommitted(batch: PendingBatch, errorCode: number): void {
    if (this.#isDropped) return;
    if (errorCode !== Errors.NONE) return this.#fail(`a write failed with ${errorName(errorCode)}`);
    assert(this.#inFlight[0] === batch, 'batches are committed in the order of their offsets');
    this.#inFlight.shift();
    const next = this.#inFlight[0];
    if (next === undefined) this.#timers.cancel(COMMIT_OVERDUE_KEY);
    else this.#scheduleOverdue(next);
    this.#options.progressed();
    batch.answer();
  }

  #scheduleOverdue(batch: PendingBatch): void {
    const { clock, commitTimeoutMs } = this.#options;
    const delayMs = batch.appendedAtMs + commitTimeoutMs - clock.monotonicMs();
    this.#timers.schedule(COMMIT_OVERDUE_KEY, delayMs, COMMIT_OVERDUE);
  }

  #onTimer(event: E | typeof COMMIT_OVERDUE): void {
    if (this.#isDropped) return;
    if (event === COMMIT_OVERDUE) return this.#answerOverdue();
    try {
      this.#run((shard, effects) => shard.onTimer(event as E, effects));
    } catch (error) {
      // A fault has been told and has dropped the shard.
      if (!(error instanceof KafkaError)) throw error;
      const { logger, partition } = this.#options;
      logger.log('warn', 'a timer of a coordinator failed', { partition, error: error.message });
    }
  }

  /** The log is slow: who waits is told, but what was appended stays, and so does the state. */
  #answerOverdue(): void {
    const { clock, commitTimeoutMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const error = new KafkaError(Errors.REQUEST_TIMED_OUT);
    for (const batch of this.#inFlight) {
      if (batch.appendedAtMs + commitTimeoutMs > nowMs) return this.#scheduleOverdue(batch);
      batch.fail(error);
    }
    if (this.#inFlight.length > 0) this.#timers.schedule(COMMIT_OVERDUE_KEY, commitTimeoutMs, COMMIT_OVERDUE);
  }

  #fail(reason: string): void {
    if (this.#isDropped) return;
    this.drop(new KafkaError(Errors.NOT_COORDINATOR));
    this.#options.failed(reason);
  }
}
