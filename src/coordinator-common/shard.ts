// What a tenant of the runtime is: a state machine over one partition of an internal topic (Kafka: CoordinatorShard). Its
// operations are functions of its state, a request and the time; what comes of them is written down in Effects and done by
// the runtime.
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import type { KafkaError, Int64 } from '../protocol/index.ts';

/** A record as it stands in the log. */
export interface EncodedRecord {
  readonly key: Uint8Array;
  /** null: a tombstone. */
  readonly value: Uint8Array | null;
}

/** Between records and their bytes. */
export interface RecordSerde<R> {
  encode(record: R): EncodedRecord;
  /** `key` and `value` are views on what was read: copy what is kept. undefined: of a type that is not known. Throws DecodeError. */
  decode(key: Uint8Array, value: Uint8Array | null): R | undefined;
}

/** Whose transaction a record belongs to. */
export interface Producer {
  readonly producerId: Int64;
  readonly producerEpoch: number;
}

/** How a transaction ends on one partition (Kafka: EndTransactionMarker). */
export interface TransactionMarker extends Producer {
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
  /** The level of transaction.version that the transaction was run by; 0 where it is left out. */
  readonly transactionVersion?: number;
}

/** `R`: records; `E`: the events that a shard asks to be told, by time or by commit. */
export interface CoordinatorShard<R, E> {
  /** The only way in which durable state changes. Id and epoch are -1 outside of transactions. */
  replay(record: R, producerId: Int64, producerEpoch: number): void;
  /**
   * A transaction has ended on this partition: what was replayed under its producer counts from now on, or is dropped. Told
   * in the order of the log, while the shard lives and when it is loaded. It may not be the first marker of its transaction.
   */
  replayEndTransactionMarker(producerId: Int64, producerEpoch: number, isCommit: boolean): void;
  /**
   * `record` stands in the log at `offset`. Told after it was replayed, in the order of the log, while the shard lives and when
   * it is loaded; its bytes are views: copy what is kept. Left out by shards that do not ask where their records are.
   */
  stored?(record: EncodedRecord, offset: number): void;
  /** All records have been replayed and requests may come. `image`: the metadata; each change of it is told from now on. */
  onLoaded(image: MetadataImage, effects: Effects<R, E>): void;
  /** `image` is the metadata now, `delta` how it came to be. */
  onMetadata(image: MetadataImage, delta: MetadataDelta, effects: Effects<R, E>): void;
  onTimer(event: E, effects: Effects<R, E>): void;
  /** Called with the event that `Effects.afterCommit` was given. */
  onCommitted(event: E, effects: Effects<R, E>): void;
}

/** A request that waits for its answer, kept by a shard's state; only the runtime can answer it. */
export class Held<T> {
  readonly promise: Promise<T>;
  #resolve!: (response: T) => void;
  #reject!: (error: KafkaError) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }
  /** Called by the runtime alone. */
  answer(response: T): void {
    this.#resolve(response);
  }
  /** Called by the runtime alone. */
  fail(error: KafkaError): void {
    this.#reject(error);
  }
}

export interface Reply {
  readonly held: Held<unknown>;
  readonly response: unknown;
}

export interface TransactionalRecord<R> {
  readonly producer: Producer;
  readonly record: R;
}

export type TimerChange<E> =
  | { readonly kind: 'schedule'; readonly key: string; readonly delayMs: number; readonly event: E }
  | { readonly kind: 'cancel'; readonly key: string };

const NOTHING: readonly never[] = [];

/**
 * What an operation wants done, once it has returned. The log gets its plain records first, then those under producers, then
 * those that are not replayed.
 */
export class Effects<R, E> {
  /** Wall clock, milliseconds. */
  readonly nowMs: number;
  records: readonly R[] = NOTHING;
  transactional: readonly TransactionalRecord<R>[] = NOTHING;
  /** Records that are not replayed: the state is richer than they are, and has been changed already. */
  written: readonly R[] = NOTHING;
  replies: readonly Reply[] = NOTHING;
  timers: readonly TimerChange<E>[] = NOTHING;
  committed: readonly E[] = NOTHING;
  /** false: the records may be spread over several batches. A batch has one producer, or none: records of several need this. */
  isAtomic = true;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  get hasRecords(): boolean {
    return this.records.length + this.transactional.length + this.written.length > 0;
  }

  /** Writes `record`, and replays it. */
  append(record: R): void {
    if (this.records === NOTHING) this.records = [];
    (this.records as R[]).push(record);
  }
  /** Writes `record` within the open transaction of `producer`, and replays it. */
  appendFor(producer: Producer, record: R): void {
    if (this.transactional === NOTHING) this.transactional = [];
    (this.transactional as TransactionalRecord<R>[]).push({ producer, record });
  }
  /** Writes `record`, whose change of the state the operation has made itself. It stands behind the operation's other records. */
  appendWithoutReplay(record: R): void {
    if (this.written === NOTHING) this.written = [];
    (this.written as R[]).push(record);
  }
  /** Answers once everything that led to the response is committed. */
  reply<T>(held: Held<T>, response: T): void {
    if (this.replies === NOTHING) this.replies = [];
    (this.replies as Reply[]).push({ held: held as Held<unknown>, response });
  }
  schedule(key: string, delayMs: number, event: E): void {
    if (this.timers === NOTHING) this.timers = [];
    (this.timers as TimerChange<E>[]).push({ kind: 'schedule', key, delayMs, event });
  }
  cancel(key: string): void {
    if (this.timers === NOTHING) this.timers = [];
    (this.timers as TimerChange<E>[]).push({ kind: 'cancel', key });
  }
  /**
   * Tells the shard `event` once this operation and all before it are committed. It is lost when the shard is dropped: the
   * next one finds in `onLoaded` what is still to be done.
   */
  afterCommit(event: E): void {
    if (this.committed === NOTHING) this.committed = [];
    (this.committed as E[]).push(event);
  }
}
