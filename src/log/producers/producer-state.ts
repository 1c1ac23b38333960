// The producers of one partition: which sequence comes next, which batches are retries, which transactions are open and
// where the last stable offset therefore stands (Kafka's ProducerStateManager and ProducerAppendInfo; KIP-98, KIP-360).
// Decisions (`check…`) change nothing; `apply…` changes and can be undone: a write that fails takes its batches back.
import type { ErrorCode, Int64 } from '../../protocol/index.ts';
import { Errors, subtractInt64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { type EndTransactionMarker, readEndTransactionMarker } from './end-transaction-marker.ts';
import { NO_COORDINATOR_EPOCH, NO_OFFSET, ProducerEntry } from './producer-entry.ts';
import { follows } from './producer-sequences.ts';
import { type VerificationGuard, Verifications } from './verification.ts';

/** A transaction of which records are in the log. */
export interface Transaction {
  readonly producerId: Int64;
  readonly firstOffset: number;
  /** The marker's offset; -1 while the transaction is open. */
  readonly lastOffset: number;
}

export interface CompletedTransaction {
  readonly producerId: Int64;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

/** What a producer looked like before it was changed; undefined: it was not there. */
export type ProducersBefore = Map<Int64, ProducerEntry | undefined>;

/** From this level of transaction.version on a marker has an epoch of its own, above that of the transaction (KIP-890). */
const OWN_MARKER_EPOCH_SINCE = 2;
/** The epoch beyond which a producer gets another id: the last marker of an id shares it with its transaction. */
const LAST_EPOCH = 0x7fff;

export class ProducerState {
  readonly entries = new Map<Int64, ProducerEntry>();
  readonly verifications = new Verifications();
  /** Open, by first offset. */
  #ongoing: Transaction[] = [];
  /** Ended, but with a marker that lies above the high watermark; by first offset. */
  #unreplicated: Transaction[] = [];
  /** Set around an append: the entries that it changes are kept here as they were. */
  changes: ProducersBefore | undefined = undefined;

  /** First offset that a read-committed consumer may not see yet; -1 when there is none. */
  get firstUnstableOffset(): number {
    const ongoing = this.#ongoing[0]?.firstOffset ?? NO_OFFSET;
    const unreplicated = this.#unreplicated[0]?.firstOffset ?? NO_OFFSET;
    if (ongoing < 0) return unreplicated;
    return unreplicated < 0 ? ongoing : Math.min(ongoing, unreplicated);
  }

  /** Which remembered batch of its producer this one repeats; -1 if none. */
  duplicateOf(bytes: Uint8Array, at: number): number {
    const entry = this.entries.get(batch.producerId(bytes, at));
    if (entry === undefined) return -1;
    return entry.duplicateOf(
      batch.producerEpoch(bytes, at),
      batch.baseSequence(bytes, at),
      batch.lastSequence(bytes, at),
    );
  }

  /** Whether a transaction of the producer is open here. One of another epoch may be over, and its marker on its way. */
  hasOngoing(producerId: Int64, epoch: number): boolean {
    const entry = this.entries.get(producerId);
    return entry !== undefined && entry.currentTxnFirstOffset !== NO_OFFSET && entry.producerEpoch === epoch;
  }

  /**
   * Whether a transactional batch has a transaction to go into: one that is open here or, if that is asked for, one for which
   * it was verified with `guard`, and of which no marker has come since.
   */
  checkTransaction(
    producerId: Int64,
    epoch: number,
    guard: VerificationGuard | undefined,
    isVerified: boolean,
  ): ErrorCode {
    if (this.hasOngoing(producerId, epoch)) return Errors.NONE;
    const entry = this.entries.get(producerId);
    if (entry !== undefined && epoch < entry.producerEpoch) return Errors.INVALID_PRODUCER_EPOCH;
    if (!isVerified || (guard !== undefined && this.verifications.get(producerId) === guard)) return Errors.NONE;
    return Errors.INVALID_TXN_STATE;
  }

  /** Whether a client may append this data batch next. */
  checkDataBatch(bytes: Uint8Array, at: number): ErrorCode {
    const producerId = batch.producerId(bytes, at);
    const entry = this.entries.get(producerId);
    const epoch = batch.producerEpoch(bytes, at);
    const firstSequence = batch.baseSequence(bytes, at);
    if (epoch < (entry?.producerEpoch ?? batch.NO_PRODUCER_EPOCH)) return Errors.INVALID_PRODUCER_EPOCH;
    const guard = this.verifications.get(producerId);
    if (guard !== undefined) {
      const beginsInside = guard.supportsEpochBump && firstSequence !== 0 && entry?.hasBatches !== true;
      if (beginsInside || firstSequence > guard.lowestSequence) return Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
    if (entry === undefined) return Errors.NONE;
    if (epoch !== entry.producerEpoch) {
      if (firstSequence !== 0 && entry.producerEpoch !== batch.NO_PRODUCER_EPOCH)
        return Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
    } else if (!follows(entry.lastSequence, firstSequence)) {
      return Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
    if (entry.currentTxnFirstOffset !== NO_OFFSET && !batch.isTransactional(bytes, at)) return Errors.INVALID_TXN_STATE;
    return Errors.NONE;
  }

  /** Whether a coordinator may append this data batch: its batches stand in no sequence, but its producer may have been replaced. */
  checkProducerEpoch(bytes: Uint8Array, at: number): ErrorCode {
    const entry = this.entries.get(batch.producerId(bytes, at));
    const known = entry?.producerEpoch ?? batch.NO_PRODUCER_EPOCH;
    return batch.producerEpoch(bytes, at) < known ? Errors.INVALID_PRODUCER_EPOCH : Errors.NONE;
  }

  /**
   * Whether the transaction coordinator may append this marker: neither it nor its producer has been replaced.
   * `transactionVersion`: the level of transaction.version that the transaction was run by.
   */
  checkMarker(bytes: Uint8Array, at: number, marker: EndTransactionMarker, transactionVersion: number): ErrorCode {
    const entry = this.entries.get(batch.producerId(bytes, at));
    const epoch = batch.producerEpoch(bytes, at);
    const known = entry?.producerEpoch ?? batch.NO_PRODUCER_EPOCH;
    if (epoch < known) return Errors.INVALID_PRODUCER_EPOCH;
    if (transactionVersion >= OWN_MARKER_EPOCH_SINCE && epoch === known) {
      // The same marker again, when its transaction is over (KAFKA-19999): the coordinator has not heard of the first.
      const isRetry = entry === undefined || entry.currentTxnFirstOffset === NO_OFFSET || epoch === LAST_EPOCH;
      if (!isRetry) return Errors.INVALID_PRODUCER_EPOCH;
    }
    const knownCoordinator = entry?.coordinatorEpoch ?? NO_COORDINATOR_EPOCH;
    return marker.coordinatorEpoch < knownCoordinator ? Errors.TRANSACTION_COORDINATOR_FENCED : Errors.NONE;
  }

  /**
   * Takes in a batch that is in the log, its offsets set. Batches without producer change nothing. The transaction that
   * it ends, if it is a marker that ends one; `lastStableOffset(completed)` before `complete(completed)` gives the offset
   * for the index of aborted transactions.
   */
  apply(bytes: Uint8Array, at: number, end: number): CompletedTransaction | undefined {
    const producerId = batch.producerId(bytes, at);
    if (producerId < 0) return undefined;
    if (batch.isTransactional(bytes, at)) {
      this.verifications.appended(producerId, batch.producerEpoch(bytes, at), batch.isControl(bytes, at));
    }
    if (batch.isControl(bytes, at)) {
      const marker = readEndTransactionMarker(bytes, at, end);
      if (marker === undefined && batch.recordsCount(bytes, at) === 0) this.#applyEmptiedMarker(bytes, at);
      return marker && this.#applyMarker(bytes, at, marker);
    }
    const firstOffset = batch.baseOffset(bytes, at);
    const entry = this.#change(producerId);
    const lastOffset = batch.lastOffset(bytes, at);
    entry.addBatch({
      epoch: batch.producerEpoch(bytes, at),
      lastSequence: batch.lastSequence(bytes, at),
      lastOffset,
      offsetDelta: lastOffset - firstOffset,
      timestamp: batch.maxTimestamp(bytes, at),
    });
    if (batch.isTransactional(bytes, at) && entry.currentTxnFirstOffset === NO_OFFSET) {
      entry.currentTxnFirstOffset = firstOffset;
      insert(this.#ongoing, { producerId, firstOffset, lastOffset: NO_OFFSET });
    }
    return undefined;
  }

  /** The last stable offset once `completed` is over: where the oldest other open transaction begins, else behind the marker. */
  lastStableOffset(completed: CompletedTransaction): number {
    for (const transaction of this.#ongoing) {
      if (transaction.producerId !== completed.producerId) return transaction.firstOffset;
    }
    return completed.lastOffset + 1;
  }

  complete(completed: CompletedTransaction): void {
    const { producerId, firstOffset, lastOffset } = completed;
    this.#ongoing = this.#ongoing.filter((transaction) => transaction.firstOffset !== firstOffset);
    insert(this.#unreplicated, { producerId, firstOffset, lastOffset });
  }

  /** Transactions whose marker lies below the high watermark are over. */
  removeReplicated(highWatermark: number): void {
    if (this.#unreplicated.length === 0) return;
    this.#unreplicated = this.#unreplicated.filter((transaction) => transaction.lastOffset >= highWatermark);
  }

  /** Forgets producers that wrote nothing for `expirationMs`; one with an open transaction stays. */
  removeExpired(now: number, expirationMs: number): void {
    for (const entry of this.entries.values()) {
      if (entry.currentTxnFirstOffset === NO_OFFSET && subtractInt64(now, entry.lastTimestamp) >= expirationMs) {
        this.entries.delete(entry.producerId);
      }
    }
    this.verifications.removeExpired(now, expirationMs);
  }

  /** Puts entries back as they were, and drops transactions that began or ended at `endOffset` or later. */
  undo(changes: ProducersBefore, endOffset: number): void {
    for (const [producerId, before] of changes) {
      if (before === undefined) this.entries.delete(producerId);
      else this.entries.set(producerId, before);
    }
    this.#unreplicated = this.#unreplicated.filter((transaction) => transaction.lastOffset < endOffset);
    this.#ongoing = [];
    for (const entry of this.entries.values()) this.#noteOpen(entry);
  }

  /** Starts over from the entries of a snapshot; expired ones are left out. */
  load(entries: readonly ProducerEntry[], now: number, expirationMs: number): void {
    this.clear();
    for (const entry of entries) {
      if (entry.currentTxnFirstOffset === NO_OFFSET && subtractInt64(now, entry.lastTimestamp) >= expirationMs)
        continue;
      this.entries.set(entry.producerId, entry);
      this.#noteOpen(entry);
    }
  }

  clear(): void {
    this.entries.clear();
    this.#ongoing = [];
    this.#unreplicated = [];
  }

  #applyMarker(bytes: Uint8Array, at: number, marker: EndTransactionMarker): CompletedTransaction | undefined {
    const producerId = batch.producerId(bytes, at);
    const entry = this.#change(producerId);
    const firstOffset = entry.currentTxnFirstOffset;
    entry.changeEpoch(batch.producerEpoch(bytes, at));
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    entry.currentTxnFirstOffset = NO_OFFSET;
    entry.lastTimestamp = batch.maxTimestamp(bytes, at);
    if (firstOffset === NO_OFFSET) return undefined;
    return { producerId, firstOffset, lastOffset: batch.baseOffset(bytes, at), isAborted: marker.isAbort };
  }

  /** Compaction left a marker without its record because nothing else tells of the producer's epoch. (Kafka passes it over.) */
  #applyEmptiedMarker(bytes: Uint8Array, at: number): void {
    const entry = this.#change(batch.producerId(bytes, at));
    entry.changeEpoch(batch.producerEpoch(bytes, at));
    entry.lastTimestamp = batch.maxTimestamp(bytes, at);
  }

  #change(producerId: Int64): ProducerEntry {
    let entry = this.entries.get(producerId);
    const changes = this.changes;
    if (changes !== undefined && !changes.has(producerId)) changes.set(producerId, entry?.copy());
    if (entry === undefined) this.entries.set(producerId, (entry = new ProducerEntry(producerId)));
    return entry;
  }

  #noteOpen(entry: ProducerEntry): void {
    if (entry.currentTxnFirstOffset === NO_OFFSET) return;
    const transaction = {
      producerId: entry.producerId,
      firstOffset: entry.currentTxnFirstOffset,
      lastOffset: NO_OFFSET,
    };
    insert(this.#ongoing, transaction);
  }
}

/** Keeps `transactions` in the order of first offsets; almost always the new one is the last. */
function insert(transactions: Transaction[], transaction: Transaction): void {
  let at = transactions.length;
  while (at > 0 && (transactions[at - 1] as Transaction).firstOffset > transaction.firstOffset) at--;
  transactions.splice(at, 0, transaction);
}
