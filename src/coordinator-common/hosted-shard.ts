// One shard while this node leads its partition: operations run one at a time on its state, their records are replayed at
// once and gathered until the end of the turn of the event loop, and nothing is answered before everything that it rests on
// is committed. There is no way back in the state: when an append fails the whole shard is dropped, and loaded anew by the
// runtime. A dropped shard hears nothing any more.
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import { type CodecId, Errors, type Int64, KafkaError, NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../protocol/index.ts';
import { assert, type Clock, type Logger, WaitingLines } from '../runtime/index.ts';
import { coordinatorError } from './answers.ts';
import type { ClientTransaction, PartitionWriter } from './partition-writer.ts';
import { HeldRequests, type PendingBatch } from './pending-batch.ts';
import { ShardLog } from './shard-log.ts';
import { type CoordinatorShard, Effects, Held, type RecordSerde, type Reply, type TransactionMarker } from './shard.ts';
import { TimerQueue } from './timer.ts';
import { VerifiedAsk } from './verified-ask.ts';

export interface HostedShardOptions<S, R> {
  readonly partition: number;
  readonly shard: S;
  readonly serde: RecordSerde<R>;
  readonly writer: PartitionWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly codec: CodecId;
  readonly baseSequence: number;
  /** How long an operation waits for its records to be committed. */
  readonly commitTimeoutMs: number;
  /** The shard has dropped itself. */
  readonly failed: (reason: string) => void;
  /** A batch was committed: the log works. */
  readonly progressed: () => void;
}

/** Between two looks at a log that takes nothing (Kafka: CoordinatorTimerImpl, retryBackoff). */
const POSTPONED_MS = 500;

export class HostedShard<S extends CoordinatorShard<R, E>, R, E> {
  readonly #options: HostedShardOptions<S, R>;
  readonly #log: ShardLog<R>;
  readonly #timers: TimerQueue<E>;
  /** What nobody asked for, and waits for a log that takes what may come of it. */
  readonly #postponed: TimerQueue<() => void>;
  #postponements = 0;
  /** Requests that wait for another operation to answer them. */
  readonly #held = new HeldRequests();
  /** Requests that wait for their transaction to be verified. */
  readonly #unverified = new HeldRequests();
  /** Operations within transactions that wait to be verified, by producer id. */
  readonly #verifying = new WaitingLines<Int64>();
  #isDropped = false;
  /** Set once requests are no longer held: the error that they get instead. */
  #waitsEnded: KafkaError | undefined;

  constructor(options: HostedShardOptions<S, R>) {
    this.#options = options;
    this.#timers = new TimerQueue(options.clock, (event, key) => {
      if (this.#isRefused) this.#timers.schedule(key, POSTPONED_MS, event);
      else this.#tell('a timer', (shard, effects) => shard.onTimer(event, effects));
    });
    this.#postponed = new TimerQueue(options.clock, (action) => action());
    const { shard } = options;
    this.#log = new ShardLog<R>({
      ...options,
      stored: shard.stored === undefined ? undefined : (record, offset) => shard.stored?.(record, offset),
      markerAppended: (producer, isCommit) => this.#hear({ ...producer, isCommit }),
      lost: (reason, errorCode) => this.#fail(reason, errorCode),
    });
  }

  /** The log has been replayed up to `endOffset`: operations may come. */
  activate(endOffset: number, isCommitted: boolean, image: MetadataImage): void {
    this.#log.start(endOffset, isCommitted);
    this.#run((shard, effects) => shard.onLoaded(image, effects));
  }

  /** Runs `operation`; its result is given back when all that it has seen and written is committed. */
  ask<T>(operation: (shard: S, effects: Effects<R, E>) => T): T | Promise<T> {
    const result = this.#run(operation, true);
    const { last } = this.#log;
    if (last === undefined) return result;
    const held = new Held<T>();
    last.answerLater({ held: held as Held<unknown>, response: result });
    return held.promise;
  }

  /** Does what `ask` does, once `transaction` is known to include the partition. */
  askInTransaction<T>(transaction: ClientTransaction, operation: (shard: S, effects: Effects<R, E>) => T): Promise<T> {
    const asked = new VerifiedAsk<T>(
      () => this.#verify(transaction),
      () => {
        this.#unverified.delete(asked.held as Held<unknown>);
        if (this.#isDropped) throw new KafkaError(Errors.NOT_COORDINATOR);
        return this.ask(operation);
      },
    );
    this.#unverified.add(asked.held as Held<unknown>);
    this.#verifying.add(transaction.producerId, asked);
    return asked.held.promise;
  }

  #verify(transaction: ClientTransaction): number | Promise<number> {
    if (this.#isDropped) return Errors.NOT_COORDINATOR;
    const { writer, partition, logger } = this.#options;
    const verdict = writer.verify(partition, transaction);
    if (typeof verdict === 'number') return verdict;
    return verdict.catch((error: unknown) => {
      logger.log('error', 'a transaction could not be verified', { partition, error: String(error) });
      return Errors.UNKNOWN_SERVER_ERROR;
    });
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

  /** No request is held any longer: those that wait for another operation fail with `error`. Operations and commits go on. */
  endWaits(error: KafkaError): void {
    this.#waitsEnded = error;
    this.#held.failAll(error);
  }

  /** Appends and hears the marker; resolves when it is committed. Throws KafkaError, with nothing changed, as the log refuses. */
  endTransaction(marker: TransactionMarker): Promise<void> {
    const errorCode = this.#log.appendMarker(marker);
    if (errorCode !== Errors.NONE) throw new KafkaError(errorCode);
    const { last } = this.#log;
    if (last === undefined) return Promise.resolve();
    const held = new Held<void>();
    last.answerLater({ held: held as Held<unknown>, response: undefined });
    return held.promise;
  }

  /** Tells the shard of new metadata. `done` is called once all that it wrote over it is committed, never if that is lost. */
  onMetadata(image: MetadataImage, delta: MetadataDelta, done: () => void): void {
    let hasWritten = false;
    this.#tell('new metadata', (shard, effects) => {
      shard.onMetadata(image, delta, effects);
      hasWritten = effects.hasRecords;
    });
    const last = hasWritten ? this.#log.last : undefined;
    if (last === undefined) done();
    else last.afterCommit(done);
  }

  /** Ends the shard: every request that waits fails with `error`, or with `ofWrites` where it waits for the log. */
  drop(error: KafkaError, ofWrites = error): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#timers.clear();
    this.#postponed.clear();
    this.#log.drop(ofWrites);
    this.#unverified.failAll(error);
    this.#held.failAll(error);
  }

  /**
   * Throws the KafkaError that the operation throws, which must have changed nothing; any other error is a fault of ours.
   * `isAsked`: it may be refused because the log would refuse it.
   */
  #run<T>(operation: (shard: S, effects: Effects<R, E>) => T, isAsked = false): T {
    assert(!this.#isDropped, 'a dropped shard runs nothing');
    const effects = new Effects<R, E>(this.#options.clock.nowMs());
    try {
      const result = operation(this.#options.shard, effects);
      this.#apply(effects, isAsked);
      return result;
    } catch (error) {
      if (error instanceof KafkaError) throw error;
      this.#fault(error);
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    }
  }

  #apply(effects: Effects<R, E>, isAsked: boolean): void {
    this.#log.gather(effects, isAsked);
    assert(!this.#isDropped, 'a dropped shard replays nothing');
    const { shard } = this.#options;
    for (const record of effects.records) shard.replay(record, NO_PRODUCER_ID, NO_PRODUCER_EPOCH);
    for (const { record, producer } of effects.transactional) {
      shard.replay(record, producer.producerId, producer.producerEpoch);
    }
    for (const change of effects.timers) {
      if (change.kind === 'cancel') this.#timers.cancel(change.key);
      else this.#timers.schedule(change.key, change.delayMs, change.event);
    }
    if (effects.replies.length + effects.committed.length === 0) return;
    const { last } = this.#log;
    for (const reply of effects.replies) this.#reply(reply, last);
    for (const event of effects.committed) this.#tellCommitted(event, last);
  }

  #reply(reply: Reply, last: PendingBatch | undefined): void {
    this.#held.delete(reply.held);
    if (last === undefined) reply.held.answer(reply.response);
    else last.answerLater(reply);
  }

  /** Calls back at the end of the turn: within the operation that asks for it the state would be half changed. */
  #tellCommitted(event: E, last: PendingBatch | undefined): void {
    const tell = (): void =>
      this.tell('an event after a commit', (shard, effects) => shard.onCommitted(event, effects));
    if (last === undefined) this.#options.clock.endOfTurn(tell);
    else last.afterCommit(() => this.#options.clock.endOfTurn(tell));
  }

  /**
   * Runs an operation that nobody waits for: an event after a commit, an answer from elsewhere. It is put off while the log
   * takes nothing, since nobody is there to be refused.
   */
  tell(what: string, operation: (shard: S, effects: Effects<R, E>) => void): void {
    if (this.#isDropped) return;
    if (!this.#isRefused) return this.#tell(what, operation);
    this.#postponed.schedule(String(this.#postponements++), POSTPONED_MS, () => this.tell(what, operation));
  }

  get #isRefused(): boolean {
    const { writer, partition } = this.#options;
    return writer.refusal(partition) !== Errors.NONE;
  }

  /** When the log does not take what the operation writes, the shard is lost, and the next one finds what is to be done. */
  #tell(what: string, operation: (shard: S, effects: Effects<R, E>) => void): void {
    if (this.#isDropped) return;
    try {
      this.#run(operation);
    } catch (error) {
      // A fault has been told and has dropped the shard.
      if (!(error instanceof KafkaError)) throw error;
      const { logger, partition } = this.#options;
      logger.log('warn', `${what} of a coordinator failed`, { partition, error: error.message });
    }
  }

  #hear({ producerId, producerEpoch, isCommit }: Omit<TransactionMarker, 'coordinatorEpoch'>): void {
    if (this.#isDropped) return;
    try {
      this.#options.shard.replayEndTransactionMarker(producerId, producerEpoch, isCommit);
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Who has written is told what became of that; who waits for something else looks for the coordinator again. */
  #fail(reason: string, errorCode: number = Errors.NOT_COORDINATOR): void {
    if (this.#isDropped) return;
    const isUnavailable = coordinatorError(new KafkaError(errorCode)) === Errors.COORDINATOR_NOT_AVAILABLE;
    const ofWrites = isUnavailable ? Errors.COORDINATOR_NOT_AVAILABLE : Errors.NOT_COORDINATOR;
    this.drop(new KafkaError(Errors.NOT_COORDINATOR), new KafkaError(ofWrites));
    this.#options.failed(reason);
  }
}
