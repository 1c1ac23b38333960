// The transactions of one partition of __transaction_state (Kafka: TransactionStateManager and the parts of
// TransactionCoordinator that work on one transaction): what the runtime replays records into, and what requests are answered
// from. Every step is a record; once it is committed what follows from it is done: markers behind a prepared end, and the
// record of its completion behind them.
import type { CoordinatorShard } from '../coordinator-common/index.ts';
import { type MetadataDelta, type MetadataImage, transactionVersionOf } from '../kraft/metadata/index.ts';
import { type ErrorCode, Errors, type Int64, KafkaError, subtractInt64 } from '../protocol/index.ts';
import { unreachable } from '../runtime/index.ts';
import { addPartitionsToTransaction, type PartitionsOfProducer, verifyFault } from './add-partitions.ts';
import type { Circumstances, CurrentTransaction, Decision } from './decision.ts';
import { endTransaction, type EndOfProducer } from './end-transaction.ts';
import { abortOpen, initProducerId, type InitProducerIdArguments } from './init-producer-id.ts';
import { MarkerDeliveries, type MarkerPorts } from './marker-deliveries.ts';
import type { MarkerDelivery, MarkerTarget } from './marker-delivery.ts';
import type { TransactionConfig } from './transaction-config.ts';
import type { TransactionEffects, TransactionEvent } from './transaction-effects.ts';
import { isEnding, isIdle, NO_TIMEOUT_MS, type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import { type Step, type TransactionRecord, transactionRecordSerde, valueVersionFor } from './transaction-record.ts';
import { complete } from './transitions.ts';

/** An answer that counts when `step` is in the log; who waits for it says so by `settled`. */
export interface Stepped<T> {
  readonly answer: T;
  readonly step: Step | undefined;
}

/** What a shard has to do with the world. */
export interface ShardPorts extends MarkerPorts {
  readonly config: () => TransactionConfig;
  /** undefined: none is at hand. */
  readonly takeProducerId: () => Int64 | undefined;
  /** The largest value that a record of the partition may have, in bytes. */
  readonly maxRecordBytes: () => number;
}

/** No producer id is at hand: the broker waits for its next block of them. */
export class ProducerIdMissing extends KafkaError {
  constructor() {
    super(Errors.COORDINATOR_LOAD_IN_PROGRESS);
  }
}

const TIMEOUTS_KEY = 'time-outs';
const EXPIRY_KEY = 'expiry';
/** Transactions aborted, and ids forgotten, in one run; behind it the others get their turn. */
const MOST_AT_ONCE = 500;
const PAUSE_MS = 20;
/** With fewer partitions a record fits into any batch. */
const MANY_PARTITIONS = 1_000;
/** For the id, which has at most 32 KiB, and what records of later states have more. */
const RECORD_OVERHEAD_BYTES = 33 * 1024;

export class TransactionShard implements CoordinatorShard<TransactionRecord, TransactionEvent> {
  readonly #ports: ShardPorts;
  readonly #transactions = new Map<string, TransactionMetadata>();
  /** Those that are open. */
  readonly #open = new Set<string>();
  /** Steps that are not committed, one for each id at most. */
  readonly #pending = new Map<string, Step>();
  readonly #deliveries: MarkerDeliveries;
  /** Who is told when the next step of a transaction may be taken. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #image: MetadataImage | undefined;
  #seeksTimeouts = false;
  #seeksExpired = false;

  constructor(ports: ShardPorts) {
    this.#ports = ports;
    this.#deliveries = new MarkerDeliveries(ports, {
      exists: (target) => this.#exists(target),
      done: (metadata, effects) => this.#complete(metadata, effects),
    });
  }

  get transactions(): Iterable<TransactionMetadata> {
    return this.#transactions.values();
  }
  get(transactionalId: string): TransactionMetadata | undefined {
    return this.#transactions.get(transactionalId);
  }
  /** The partitions of a transaction whose markers are not all written: those that are left. */
  deliveryOf(transactionalId: string): MarkerDelivery | undefined {
    return this.#deliveries.get(transactionalId);
  }

  replay({ transactionalId, metadata, step }: TransactionRecord): void {
    if (step !== undefined) this.#pending.set(transactionalId, step);
    if (metadata === null || !isEnding(metadata)) this.#deliveries.forget(transactionalId);
    if (metadata === null) this.#transactions.delete(transactionalId);
    else this.#transactions.set(transactionalId, metadata);
    if (metadata?.state === TransactionState.ONGOING) this.#open.add(transactionalId);
    else this.#open.delete(transactionalId);
  }

  /** Nobody writes here within transactions; whoever does changes nothing by it. */
  replayEndTransactionMarker(): void {
    return undefined;
  }

  onLoaded(image: MetadataImage, effects: TransactionEffects): void {
    this.#image = image;
    for (const metadata of this.#transactions.values()) {
      if (isEnding(metadata)) {
        effects.afterCommit({ kind: 'committed', step: { transactionalId: metadata.transactionalId, next: metadata } });
      }
    }
    this.#scheduleSearches(effects);
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta, _effects: TransactionEffects): void {
    this.#image = image;
    this.#deliveries.leadersChanged(delta);
  }

  onTimer(event: TransactionEvent, effects: TransactionEffects): void {
    this.#told(event, effects);
  }
  onCommitted(event: TransactionEvent, effects: TransactionEffects): void {
    this.#told(event, effects);
  }

  #told(event: TransactionEvent, effects: TransactionEffects): void {
    switch (event.kind) {
      case 'committed':
        this.settled(event.step);
        this.#scheduleSearches(effects);
        return this.#goOn(event.step, effects);
      case 'marker':
        return this.#deliveries.write(event.delivery, event.target);
      case 'time-outs':
        this.#seeksTimeouts = false;
        this.#abortTimedOut(effects);
        return this.#scheduleSearches(effects);
      case 'expiry':
        this.#seeksExpired = false;
        return this.#removeExpired(effects);
      default:
        return unreachable(event);
    }
  }

  /** The step is in the log: the next one may be taken, if it is not one that is carried out first. */
  settled(step: Step | undefined): void {
    if (step === undefined || this.#pending.get(step.transactionalId) !== step) return;
    this.#pending.delete(step.transactionalId);
    const waiting = this.#waiting.get(step.transactionalId);
    if (waiting === undefined || (step.next !== undefined && isEnding(step.next))) return;
    this.#waiting.delete(step.transactionalId);
    for (const action of waiting) action();
  }

  /**
   * Has `action` called once, when the step of the transaction that is on its way has come to its end, at once where none is;
   * never, when the shard is dropped before. What is returned takes that back.
   */
  whenFree(transactionalId: string, action: () => void): () => void {
    const metadata = this.#transactions.get(transactionalId);
    if (!this.#pending.has(transactionalId) && (metadata === undefined || !isEnding(metadata))) {
      action();
      return () => undefined;
    }
    const waiting = this.#waiting.get(transactionalId) ?? new Set();
    this.#waiting.set(transactionalId, waiting.add(action));
    return () => {
      waiting.delete(action);
      if (waiting.size === 0 && this.#waiting.get(transactionalId) === waiting) this.#waiting.delete(transactionalId);
    };
  }

  /** Throws ProducerIdMissing. */
  initProducerId(request: InitProducerIdArguments, effects: TransactionEffects): Stepped<Decision> {
    const { transactionalId } = request;
    const known = this.#current(transactionalId);
    if (known === undefined && this.#pending.has(transactionalId)) return CONCURRENT;
    return this.#decided(initProducerId(known, request, this.#circumstances(effects)), effects);
  }

  addPartitions(asked: PartitionsOfProducer, clientVersion: number, effects: TransactionEffects): Stepped<Decision> {
    const known = this.#current(asked.transactionalId);
    const decision = addPartitionsToTransaction(known, asked, clientVersion, effects.nowMs);
    return this.#decided(this.#bounded(this.#writable(decision, clientVersion)), effects);
  }

  /** For each partition whether it is part of the open transaction. */
  verify(asked: PartitionsOfProducer): (topic: string, partition: number) => ErrorCode {
    const metadata = this.#transactions.get(asked.transactionalId);
    const fault = verifyFault(metadata, asked);
    if (metadata === undefined || fault !== Errors.NONE) return () => fault;
    const { partitions } = metadata;
    return (topic, partition) => (partitions.has(topic, partition) ? Errors.NONE : Errors.TRANSACTION_ABORTABLE);
  }

  /** `answer.next`: the prepared end. Throws ProducerIdMissing. */
  endTransaction(end: EndOfProducer, effects: TransactionEffects): Stepped<Decision> {
    const known = this.#current(end.transactionalId);
    const decision = endTransaction(known, end, this.#circumstances(effects));
    return this.#decided(this.#writable(decision, end.clientTransactionVersion), effects);
  }

  #current(transactionalId: string): CurrentTransaction | undefined {
    const metadata = this.#transactions.get(transactionalId);
    if (metadata === undefined) return undefined;
    return { metadata, isPending: this.#pending.has(transactionalId) || this.#deliveries.has(transactionalId) };
  }

  #circumstances({ nowMs }: TransactionEffects): Circumstances {
    return {
      nowMs,
      transactionVersion: this.#transactionVersion,
      takeProducerId: () => {
        const id = this.#ports.takeProducerId();
        if (id === undefined) throw new ProducerIdMissing();
        return id;
      },
    };
  }

  get #transactionVersion(): number {
    return this.#image === undefined ? 0 : transactionVersionOf(this.#image.features);
  }

  #decided(answer: Decision, effects: TransactionEffects): Stepped<Decision> {
    const step = answer.next && this.#step(answer.next.transactionalId, answer.next, effects);
    return { answer, step };
  }

  /** What a client of a newer version than that of the cluster asks for has no place in a record. */
  #writable(decision: Decision, clientVersion: number): Decision {
    const isPlain = valueVersionFor(this.#transactionVersion) < valueVersionFor(clientVersion);
    return decision.next !== undefined && isPlain ? { errorCode: Errors.UNSUPPORTED_VERSION } : decision;
  }

  /** What would not fit into a record, or into the one of its end, which is a little larger, is refused as by the log. */
  #bounded(decision: Decision): Decision {
    const { next } = decision;
    if (next === undefined || next.partitions.size < MANY_PARTITIONS) return decision;
    const { transactionalId } = next;
    const { value } = transactionRecordSerde.encode({ transactionalId, metadata: next, valueVersion: 0 });
    const isTooLarge = (value?.length ?? 0) + RECORD_OVERHEAD_BYTES > this.#ports.maxRecordBytes();
    return isTooLarge ? { errorCode: Errors.UNKNOWN_SERVER_ERROR } : decision;
  }

  #step(transactionalId: string, next: TransactionMetadata | undefined, effects: TransactionEffects): Step {
    const step: Step = { transactionalId, next };
    const valueVersion = valueVersionFor(this.#transactionVersion);
    effects.append({ transactionalId, metadata: next ?? null, valueVersion, step });
    effects.afterCommit({ kind: 'committed', step });
    return step;
  }

  /** What follows from a step that is in the log. */
  #goOn({ transactionalId, next }: Step, effects: TransactionEffects): void {
    if (next === undefined || !isEnding(next) || this.#transactions.get(transactionalId) !== next) return;
    this.#deliveries.begin(next, effects);
  }

  /** All markers are written. */
  #complete(metadata: TransactionMetadata, effects: TransactionEffects): void {
    this.#step(metadata.transactionalId, complete(metadata, effects.nowMs), effects);
  }

  #exists({ topic, partition }: MarkerTarget): boolean {
    return this.#image?.topics.byName.get(topic)?.partitions[partition] !== undefined;
  }

  #abortTimedOut(effects: TransactionEffects): void {
    effects.isAtomic = false;
    let aborted = 0;
    for (const transactionalId of this.#open) {
      const metadata = this.#transactions.get(transactionalId) as TransactionMetadata;
      const { timeoutMs, startTimestampMs } = metadata;
      const isLate = subtractInt64(effects.nowMs, startTimestampMs) > timeoutMs && timeoutMs !== NO_TIMEOUT_MS;
      if (!isLate || this.#pending.has(transactionalId)) continue;
      if (!this.#abort(metadata, effects) || ++aborted >= MOST_AT_ONCE) return;
    }
  }

  /** false: no producer id is at hand, of which the transaction needs one; the next search finds it again. */
  #abort(metadata: TransactionMetadata, effects: TransactionEffects): boolean {
    const { transactionalId } = metadata;
    try {
      this.#step(transactionalId, abortOpen(metadata, this.#circumstances(effects)), effects);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return false;
    }
    this.#ports.logger.log('info', 'a transaction has run out of time and is aborted', { transactionalId });
    return true;
  }

  #removeExpired(effects: TransactionEffects): void {
    effects.isAtomic = false;
    const { transactionalIdExpirationMs } = this.#ports.config();
    let removed = 0;
    for (const metadata of this.#transactions.values()) {
      const { transactionalId, lastUpdateTimestampMs } = metadata;
      const isOld = subtractInt64(effects.nowMs, lastUpdateTimestampMs) >= transactionalIdExpirationMs;
      if (!isOld || !isIdle(metadata) || this.#pending.has(transactionalId)) continue;
      this.#step(transactionalId, undefined, effects);
      if (++removed === MOST_AT_ONCE) break;
    }
    if (removed < MOST_AT_ONCE) return this.#scheduleSearches(effects);
    this.#seeksExpired = true;
    effects.schedule(EXPIRY_KEY, PAUSE_MS, { kind: 'expiry' });
  }

  /** Where nothing is open nothing is sought. */
  #scheduleSearches(effects: TransactionEffects): void {
    const {
      transactionAbortTimedOutTransactionCleanupIntervalMs: timeoutsMs,
      transactionRemoveExpiredTransactionCleanupIntervalMs: expiryMs,
    } = this.#ports.config();
    if (!this.#seeksTimeouts && this.#open.size > 0) {
      this.#seeksTimeouts = true;
      effects.schedule(TIMEOUTS_KEY, timeoutsMs, { kind: 'time-outs' });
    }
    if (!this.#seeksExpired && this.#transactions.size > 0) {
      this.#seeksExpired = true;
      effects.schedule(EXPIRY_KEY, expiryMs, { kind: 'expiry' });
    }
  }
}

const CONCURRENT: Stepped<Decision> = { answer: { errorCode: Errors.CONCURRENT_TRANSACTIONS }, step: undefined };
