// What a partition knows of one producer id: epoch, the last five batches (a retry of one of them is answered again, not
// appended again; KIP-98), and the first offset of the transaction that is open (Kafka's ProducerStateEntry).
import { NO_PRODUCER_EPOCH } from '../../protocol/records/index.ts';
import type { Int64 } from '../../protocol/index.ts';

export const NO_COORDINATOR_EPOCH = -1;
export const NO_OFFSET = -1;
/** Batches remembered per producer: as many as a client may have in flight. */
export const CACHED_BATCHES = 5;

/** Per batch: last sequence, last offset, last offset - first offset, timestamp, of which only the last may be a bigint. */
const FIELDS = 4;
const LAST_SEQUENCE = 0;
const LAST_OFFSET = 1;
const OFFSET_DELTA = 2;
const TIMESTAMP = 3;
const SEQUENCES = 0x8000_0000;

/** A data batch as it is remembered. */
export interface CachedBatch {
  readonly epoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastOffset: number;
  /** lastOffset - first offset. */
  readonly offsetDelta: number;
  /** Largest of its records. */
  readonly timestamp: Int64;
}

export class ProducerEntry {
  readonly producerId: Int64;
  producerEpoch: number;
  coordinatorEpoch = NO_COORDINATOR_EPOCH;
  /** Largest timestamp of the last batch, or of the last marker. */
  lastTimestamp: Int64 = -1;
  /** -1 when no transaction is open. */
  currentTxnFirstOffset = NO_OFFSET;
  /** Flat, oldest batch first. */
  readonly #batches: Int64[];

  constructor(producerId: Int64, producerEpoch = NO_PRODUCER_EPOCH, batches: Int64[] = []) {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#batches = batches;
  }

  copy(): ProducerEntry {
    const copy = new ProducerEntry(this.producerId, this.producerEpoch, this.#batches.slice());
    copy.coordinatorEpoch = this.coordinatorEpoch;
    copy.lastTimestamp = this.lastTimestamp;
    copy.currentTxnFirstOffset = this.currentTxnFirstOffset;
    return copy;
  }

  get hasBatches(): boolean {
    return this.#batches.length > 0;
  }

  /** -1 when no batch is remembered: the next may begin anywhere, or at 0 after a marker that raised the epoch. */
  get lastSequence(): number {
    return this.#last(LAST_SEQUENCE);
  }

  /** The last offset of the last data batch. */
  get lastOffset(): number {
    return this.#last(LAST_OFFSET);
  }

  get lastOffsetDelta(): number {
    return this.hasBatches ? this.#last(OFFSET_DELTA) : 0;
  }

  addBatch(batch: Omit<CachedBatch, 'firstSequence'>): void {
    this.changeEpoch(batch.epoch);
    const batches = this.#batches;
    if (batches.length === CACHED_BATCHES * FIELDS) {
      batches.copyWithin(0, FIELDS);
      batches.length -= FIELDS;
    }
    batches.push(batch.lastSequence, batch.lastOffset, batch.offsetDelta, batch.timestamp);
    this.lastTimestamp = batch.timestamp;
  }

  /** Takes in batches of this epoch, oldest first, that were written before those that are remembered; as many as there is room for. */
  recall(older: readonly CachedBatch[]): void {
    const room = CACHED_BATCHES - this.#batches.length / FIELDS;
    const kept = older.slice(Math.max(0, older.length - room));
    this.#batches.unshift(
      ...kept.flatMap(({ lastSequence, lastOffset, offsetDelta, timestamp }) => [
        lastSequence,
        lastOffset,
        offsetDelta,
        timestamp,
      ]),
    );
  }

  /** Another epoch forgets the batches of the one before. */
  changeEpoch(epoch: number): void {
    if (epoch === this.producerEpoch) return;
    this.producerEpoch = epoch;
    this.#batches.length = 0;
  }

  /** Which of the remembered batches has exactly these sequences in this epoch; -1 if none. */
  duplicateOf(epoch: number, firstSequence: number, lastSequence: number): number {
    if (epoch !== this.producerEpoch) return -1;
    const batches = this.#batches;
    for (let at = 0; at < batches.length; at += FIELDS) {
      if (batches[at + LAST_SEQUENCE] !== lastSequence) continue;
      const first = lastSequence - (batches[at + OFFSET_DELTA] as number);
      if ((first < 0 ? first + SEQUENCES : first) === firstSequence) return at / FIELDS;
    }
    return -1;
  }

  batchLastOffset(index: number): number {
    return this.#batches[index * FIELDS + LAST_OFFSET] as number;
  }

  batchFirstOffset(index: number): number {
    return this.batchLastOffset(index) - (this.#batches[index * FIELDS + OFFSET_DELTA] as number);
  }

  batchTimestamp(index: number): Int64 {
    return this.#batches[index * FIELDS + TIMESTAMP] as Int64;
  }

  #last(field: number): number {
    const batches = this.#batches;
    return batches.length === 0 ? -1 : (batches[batches.length - FIELDS + field] as number);
  }
}
