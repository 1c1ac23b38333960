// The sequences of an idempotent producer, partition by partition: which one comes next, which was acknowledged last, what is
// under way. What to do when a broker finds one out of order, or no longer knows the producer, is Kafka's TransactionManager
// with its TxnPartitionMap (KIP-98, KIP-360).
import { type ErrorCode, Errors, isRetriable } from '../../protocol/index.ts';
import { type ProducerBatch, sequenceBehind } from './producer-batch.ts';
import type { Identity } from './producer-identity.ts';

const NONE = -1;
const LAST_EPOCH = 32_767;

interface PartitionSequences {
  readonly key: string;
  /** undefined: nothing was sent yet. */
  identity: Identity | undefined;
  next: number;
  lastAcked: number;
  lastAckedOffset: number;
  /** Sent, or waiting to be sent again, in the order of their sequences. */
  underWay: ProducerBatch[];
  /** A batch was given up of which nobody knows whether it is in the log. */
  isUnresolved: boolean;
}

export interface ProduceFault {
  readonly code: ErrorCode;
  readonly logStartOffset: number;
}

export class Sequences {
  readonly #isTransactional: boolean;
  readonly #partitions = new Map<string, PartitionSequences>();
  /** In the next epoch their sequences begin at 0. */
  readonly #toRewrite = new Set<PartitionSequences>();
  #identity: Identity | undefined;

  constructor(isTransactional: boolean) {
    this.#isTransactional = isTransactional;
  }

  /** undefined: another one has to be asked for. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Another transaction, or the first id: partitions begin at 0 when they next send under it. */
  follow(identity: Identity): void {
    this.#identity = identity;
    for (const partition of this.#toRewrite) this.#beginAgain(partition, identity);
    this.#toRewrite.clear();
  }

  /** Whether the batch may leave now (RecordAccumulator.shouldStopDrainBatchesForPartition). */
  maySend(batch: ProducerBatch): boolean {
    const partition = this.#of(batch);
    const [first] = partition.underWay;
    // One that is sent again waits until it is the first: those behind it would be out of order.
    if (batch.hasSequence) return first === undefined || first === batch;
    if (first !== undefined && !isSame(partition.identity, this.#identity)) return false;
    return !partition.isUnresolved;
  }

  /** The batch leaves: it gets the next sequence unless it has one. */
  leaving(batch: ProducerBatch): void {
    if (batch.hasSequence) return;
    const identity = this.#identity as Identity;
    const partition = this.#of(batch);
    if (!isSame(partition.identity, identity)) this.#beginAgain(partition, identity);
    batch.follow(identity, partition.next);
    partition.next = sequenceBehind(partition.next, batch.writer.recordCount);
    partition.underWay.push(batch);
  }

  acknowledged(batch: ProducerBatch, baseOffset: number): void {
    const partition = this.#of(batch);
    this.#remove(partition, batch);
    if (!isSame(partition.identity, batch.identity)) return;
    const { lastSequence } = batch;
    if (lastSequence > partition.lastAcked || partition.lastAcked === NONE) partition.lastAcked = lastSequence;
    if (baseOffset >= 0) {
      const lastOffset = baseOffset + batch.writer.recordCount - 1;
      if (lastOffset > partition.lastAckedOffset) partition.lastAckedOffset = lastOffset;
    }
  }

  /** Leaves for good without an answer that says it is in no log: nothing follows until those that were sent have come home. */
  givenUp(batch: ProducerBatch): void {
    const partition = this.#of(batch);
    this.#remove(partition, batch);
    if (batch.hasSequence) partition.isUnresolved = true;
  }

  /** Refused for good. `wasSentOften`: as often as it may be, so that its sequence may be in the log. */
  refused(batch: ProducerBatch, code: ErrorCode, wasSentOften: boolean): void {
    const partition = this.#of(batch);
    this.#remove(partition, batch);
    if (code === Errors.OUT_OF_ORDER_SEQUENCE_NUMBER && !this.#isTransactional) this.#toRewrite.add(partition);
    else if (code === Errors.UNKNOWN_PRODUCER_ID) {
      partition.next = 0;
      partition.lastAcked = NONE;
    } else if (!wasSentOften) {
      if (this.#isTransactional) this.#closeGap(partition, batch);
      else this.#toRewrite.add(partition);
    }
  }

  /** It is sent again in smaller ones, which get the sequences from its own on. */
  replaced(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    const partition = this.#of(batch);
    if (!batch.hasSequence) return;
    const at = partition.underWay.indexOf(batch);
    let sequence = batch.baseSequence;
    for (const part of parts) {
      part.follow(batch.identity as Identity, sequence);
      sequence = sequenceBehind(sequence, part.writer.recordCount);
    }
    if (at >= 0) partition.underWay.splice(at, 1, ...parts);
  }

  /** Whether the batch is to be sent again behind the answer (TransactionManager.canRetry). */
  canRetry(batch: ProducerBatch, { code, logStartOffset }: ProduceFault): boolean {
    const partition = this.#of(batch);
    if (code === Errors.UNKNOWN_PRODUCER_ID) {
      if (logStartOffset === -1 || batch.hasBeenReset) return true;
      if (this.#isTransactional) {
        if (partition.lastAckedOffset >= logStartOffset) return isRetriable(code);
        this.#beginAgain(partition, this.#identity as Identity);
      } else this.#toRewrite.add(partition);
      return true;
    }
    if (code === Errors.OUT_OF_ORDER_SEQUENCE_NUMBER) {
      const isNext = this.#isNext(partition, batch.baseSequence);
      if (!partition.isUnresolved && (batch.hasBeenReset || !isNext)) return true;
      if (this.#isTransactional) return false;
      this.#toRewrite.add(partition);
      return true;
    }
    return isRetriable(code);
  }

  /**
   * Before anything leaves: an idempotent producer takes the next epoch where one is needed. Answers partitions of a transactional
   * one that cannot go on, and forgets them.
   */
  settle(): boolean {
    let isBroken = false;
    for (const partition of this.#partitions.values()) {
      if (!partition.isUnresolved || partition.underWay.length > 0) continue;
      // Behind the one that was given up others have been acknowledged: it is in the log.
      if (!this.#isNext(partition, partition.next)) {
        if (this.#isTransactional) isBroken = true;
        else this.#toRewrite.add(partition);
      }
      partition.isUnresolved = false;
    }
    if (!this.#isTransactional && this.#toRewrite.size > 0) this.#bump();
    return isBroken;
  }

  #bump(): void {
    const identity = this.#identity;
    if (identity === undefined) return;
    if (identity.epoch >= LAST_EPOCH) this.#identity = undefined;
    else this.follow({ producerId: identity.producerId, epoch: identity.epoch + 1 });
  }

  #isNext(partition: PartitionSequences, sequence: number): boolean {
    return partition.lastAcked === NONE ? sequence === 0 : sequence === sequenceBehind(partition.lastAcked, 1);
  }

  #beginAgain(partition: PartitionSequences, identity: Identity): void {
    let sequence = 0;
    for (const batch of partition.underWay) {
      batch.follow(identity, sequence);
      sequence = sequenceBehind(sequence, batch.writer.recordCount);
    }
    partition.identity = identity;
    partition.next = sequence;
    partition.lastAcked = NONE;
    partition.isUnresolved = false;
  }

  /** Those behind a batch that is in no log move up. */
  #closeGap(partition: PartitionSequences, failed: ProducerBatch): void {
    if (!isSame(partition.identity, failed.identity) || !failed.hasSequence) return;
    const { recordCount } = failed.writer;
    partition.next -= recordCount;
    for (const batch of partition.underWay) {
      if (batch.baseSequence > failed.baseSequence) {
        batch.follow(batch.identity as Identity, batch.baseSequence - recordCount);
      }
    }
  }

  #remove(partition: PartitionSequences, batch: ProducerBatch): void {
    const at = partition.underWay.indexOf(batch);
    if (at >= 0) partition.underWay.splice(at, 1);
  }

  #of({ topic, partition }: ProducerBatch): PartitionSequences {
    const key = `${topic}-${partition}`;
    let found = this.#partitions.get(key);
    if (found === undefined) {
      const underWay: ProducerBatch[] = [];
      const nothing = { next: 0, lastAcked: NONE, lastAckedOffset: NONE, isUnresolved: false };
      this.#partitions.set(key, (found = { key, identity: undefined, underWay, ...nothing }));
    }
    return found;
  }
}

function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  return one?.producerId === other?.producerId && one?.epoch === other?.epoch;
}
