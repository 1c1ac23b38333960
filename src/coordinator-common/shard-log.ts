// The log of one shard while it lives: records of a turn of the event loop are gathered into batches, one kind of producer
// each, appended at its end, and counted in flight until they are committed. What others append is told: a marker is heard
// like one that came through the shard; anything else means that the state is no longer that of the log.
import { assert, type Clock } from '../runtime/index.ts';
import {
  buildBatch,
  buildEndTransactionMarker,
  type CodecId,
  Errors,
  errorName,
  HEADER_SIZE,
  KafkaError,
  producerEpoch,
  producerId,
} from '../protocol/index.ts';
import { isControlBatch, markersIn } from './markers.ts';
import type { AppendWatcher, PartitionWriter } from './partition-writer.ts';
import { type BatchOwner, PendingBatch, sizeOf } from './pending-batch.ts';
import type { Effects, EncodedRecord, Producer, RecordSerde, TransactionMarker } from './shard.ts';
import { TimerQueue } from './timer.ts';

export interface ShardLogOptions<R> {
  readonly partition: number;
  readonly serde: RecordSerde<R>;
  readonly writer: PartitionWriter;
  readonly clock: Clock;
  readonly codec: CodecId;
  /** Of batches without a producer. */
  readonly baseSequence: number;
  /** How long an operation waits for its records to be committed. */
  readonly commitTimeoutMs: number;
  /** Called for each marker that was appended past the shard. */
  readonly markerAppended: (producer: Producer, isCommit: boolean) => void;
  /** Called for each record once it is appended; undefined: nobody asks. */
  readonly stored?: ((record: EncodedRecord, offset: number) => void) | undefined;
  /** The state cannot be kept. `errorCode`: of the log, where it has refused or lost something. */
  readonly lost: (reason: string, errorCode?: number) => void;
  /** A batch was committed: the log works. */
  readonly progressed: () => void;
}

const COMMIT_OVERDUE_KEY = 'commit';
/** A transactional batch of a coordinator has no place in a sequence, and begins at 0 as in Kafka. */
export const FIRST_SEQUENCE = 0;

export class ShardLog<R> implements BatchOwner, AppendWatcher {
  readonly #options: ShardLogOptions<R>;
  readonly #timers: TimerQueue<undefined>;
  /** Gathered in this turn; the last one is still open. */
  #gathering: PendingBatch[] = [];
  /** In the order of their offsets. */
  #inFlight: PendingBatch[] = [];
  #endOffset = -1;
  #isAppending = false;
  #isDropped = false;
  readonly #flush = (): void => this.flush();

  constructor(options: ShardLogOptions<R>) {
    this.#options = options;
    this.#timers = new TimerQueue(options.clock, () => this.#answerOverdue());
  }

  /** The state is that of the log up to `endOffset`, of which not all may be committed. */
  start(endOffset: number, isCommitted: boolean): void {
    const { writer, partition } = this.#options;
    assert(this.#endOffset < 0 && !this.#isDropped, 'the log of a shard starts once');
    assert(endOffset >= 0, 'offsets are not negative');
    this.#endOffset = endOffset;
    writer.watch(partition, this);
    if (!isCommitted) this.#awaitEnd();
  }

  /** The newest batch that is not committed, on which all answers rest; undefined when everything is committed. */
  get last(): PendingBatch | undefined {
    return this.#gathering.at(-1) ?? this.#inFlight.at(-1);
  }

  /** Writes and tells nothing more; requests that wait fail with `error`. */
  drop(error: KafkaError): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    const { writer, partition } = this.#options;
    if (this.#endOffset >= 0) writer.watch(partition, undefined);
    this.#timers.clear();
    const pending = [...this.#inFlight, ...this.#gathering];
    this.#inFlight = [];
    this.#gathering = [];
    for (const batch of pending) batch.fail(error);
  }

  /**
   * Takes in what an operation writes. Throws with nothing taken in: RECORD_LIST_TOO_LARGE when the records of one atomic
   * operation do not fit into a batch, INVALID_PRODUCER_EPOCH when the producer has been replaced, INVALID_TXN_STATE when its
   * transaction has ended since it was verified; and when somebody is there to be told, why the log would refuse them now.
   * Without that a shard would be lost to each request that comes while replicas are missing, and could not even be read.
   */
  gather(effects: Effects<R, unknown>, isAsked: boolean): void {
    const { records, transactional, written, isAtomic } = effects;
    if (!effects.hasRecords) return;
    assert(!this.#isDropped, 'a dropped shard writes nothing');
    assert(this.#endOffset >= 0, 'a shard writes when it has been loaded');
    const { serde, writer, partition, clock } = this.#options;
    const refusal = isAsked && written.length === 0 ? writer.refusal(partition) : Errors.NONE;
    if (refusal !== Errors.NONE) throw new KafkaError(refusal);
    const limit = writer.maxBatchBytes(partition) - HEADER_SIZE;
    const room = new BatchRoom(limit, isAtomic);
    const encoded = (record: R): EncodedRecord => room.taken(serde.encode(record));
    const plain = records.map(encoded);
    const owned = transactional.map(({ record }) => encoded(record));
    const last = written.map(encoded);
    const all = [...plain, ...owned, ...last];
    this.#checkProducers(transactional);
    if (this.#gathering.length === 0) clock.endOfTurn(this.#flush);
    if (isAtomic) {
      const producer = transactional[0]?.producer;
      assert(
        transactional.length === 0 || (transactional.length === all.length && areOfOne(transactional)),
        'an atomic operation writes within one transaction, or outside of all',
      );
      const batch = this.#batchFor(room.takenBytes, limit, producer);
      for (const record of all) batch.add(record);
      return;
    }
    for (const record of plain) this.#batchFor(sizeOf(record), limit).add(record);
    owned.forEach((record, index) => this.#batchFor(sizeOf(record), limit, transactional[index]?.producer).add(record));
    for (const record of last) this.#batchFor(sizeOf(record), limit).add(record);
  }

  /** Most often all are of one. */
  #checkProducers(transactional: Effects<R, unknown>['transactional']): void {
    let checked: Producer | undefined;
    for (const { producer } of transactional) {
      if (producer !== checked) this.#checkProducer(producer);
      checked = producer;
    }
  }

  /** The log would refuse the batch, and the shard be lost: a zombie must not be able to do that. */
  #checkProducer(producer: Producer): void {
    const { writer, partition } = this.#options;
    for (const batch of this.#gathering) {
      if (batch.producer?.producerId !== producer.producerId) continue;
      if (producer.producerEpoch < batch.producer.producerEpoch) throw new KafkaError(Errors.INVALID_PRODUCER_EPOCH);
      // It goes into the same transaction, which is open when it comes behind the other in the log.
      if (producer.producerEpoch === batch.producer.producerEpoch) return;
    }
    const errorCode = writer.refusalOf(partition, producer);
    if (errorCode !== Errors.NONE) throw new KafkaError(errorCode);
  }

  #batchFor(sizeBytes: number, limit: number, producer?: Producer): PendingBatch {
    const last = this.#gathering.at(-1);
    if (last !== undefined && last.isFor(producer) && last.sizeBytes + sizeBytes <= limit) return last;
    const batch = new PendingBatch(this, producer);
    this.#gathering.push(batch);
    return batch;
  }

  /** Appends what is gathered. */
  flush(): void {
    const batches = this.#gathering;
    this.#gathering = [];
    this.#inFlight.push(...batches);
    for (const batch of batches) {
      assert(batch.records.length > 0, 'what was gathered has records');
      const errorCode = this.#append(this.#bytesOf(batch));
      if (errorCode !== Errors.NONE) this.#options.lost(`an append failed with ${errorName(errorCode)}`, errorCode);
      if (this.#isDropped) return;
      this.#tellStored(batch);
      this.#await(batch);
    }
  }

  #tellStored({ records }: PendingBatch): void {
    const { stored } = this.#options;
    if (stored === undefined) return;
    let offset = this.#endOffset - records.length;
    for (const record of records) stored(record, offset++);
  }

  /**
   * Appends a marker behind all that is gathered, and has it heard. The error code of the log, with nothing changed, or 0;
   * NOT_COORDINATOR when the shard was lost by it.
   */
  appendMarker(marker: TransactionMarker): number {
    this.flush();
    if (this.#isDropped) return Errors.NOT_COORDINATOR;
    const bytes = buildEndTransactionMarker({ ...marker, timestamp: this.#options.clock.nowMs() });
    const errorCode = this.#append(bytes, marker.transactionVersion);
    if (errorCode !== Errors.NONE) return errorCode;
    this.#heard(marker, [marker.isCommit]);
    return this.#isDropped ? Errors.NOT_COORDINATOR : Errors.NONE;
  }

  #bytesOf({ records, producer }: PendingBatch): Buffer {
    const { clock, codec, baseSequence } = this.#options;
    const timestamp = clock.nowMs();
    return buildBatch(
      records.map(({ key, value }) => ({ key, value, timestamp })),
      producer === undefined
        ? { codec, baseSequence }
        : { codec, ...producer, baseSequence: FIRST_SEQUENCE, isTransactional: true },
    );
  }

  /** Why nothing was appended, or 0: then it stands where the state ends, or the shard is lost. */
  #append(bytes: Buffer, transactionVersion = 0): number {
    const { writer, partition, lost } = this.#options;
    assert(!this.#isAppending, 'appends of a shard stand beside one another, not within');
    this.#isAppending = true;
    const { errorCode, firstOffset, endOffset } = writer.append(partition, bytes, transactionVersion);
    this.#isAppending = false;
    if (errorCode !== Errors.NONE) return errorCode;
    const before = this.#endOffset;
    assert(endOffset > firstOffset, 'what was appended has offsets');
    this.#endOffset = endOffset;
    // Somebody else has written to the partition: the state is not that of the log any more.
    if (firstOffset !== before) lost(`an append went to ${firstOffset} and not to ${before}`);
    return Errors.NONE;
  }

  /** A marker stands in the log: the shard hears it before anything that follows from its commit. */
  #heard(producer: Producer, markers: readonly boolean[]): void {
    for (const isCommit of markers) if (!this.#isDropped) this.#options.markerAppended(producer, isCommit);
    if (!this.#isDropped) this.#awaitEnd();
  }

  /** For what is in the log already. */
  #awaitEnd(): void {
    const batch = new PendingBatch(this);
    this.#inFlight.push(batch);
    this.#await(batch);
  }

  #await(batch: PendingBatch): void {
    const { writer, partition, clock, commitTimeoutMs } = this.#options;
    assert(batch.endOffset < 0, 'a batch is appended once');
    batch.endOffset = this.#endOffset;
    batch.appendedAtMs = clock.monotonicMs();
    if (this.#inFlight[0] === batch) this.#timers.schedule(COMMIT_OVERDUE_KEY, commitTimeoutMs, undefined);
    writer.awaitCommitted(partition, this.#endOffset, batch);
  }

  /** Before an append past the shard: what the shard has gathered earlier must stand earlier in the log. */
  beforeAppend(): void {
    if (!this.#isAppending && !this.#isDropped) this.flush();
  }

  /** A batch that the shard cannot hear is noticed by the place of its own next one. */
  appended(batch: Buffer, firstOffset: number, endOffset: number): void {
    if (this.#isAppending || this.#isDropped || firstOffset !== this.#endOffset || !isControlBatch(batch)) return;
    assert(endOffset > firstOffset, 'what was appended has offsets');
    this.#endOffset = endOffset;
    this.#heard({ producerId: producerId(batch), producerEpoch: producerEpoch(batch) }, markersIn(batch));
  }

  batchCommitted(batch: PendingBatch, errorCode: number): void {
    if (this.#isDropped) return;
    if (errorCode !== Errors.NONE) return this.#options.lost(`a write failed with ${errorName(errorCode)}`, errorCode);
    assert(this.#inFlight[0] === batch, 'batches are committed in the order of their offsets');
    assert(batch.endOffset >= 0, 'what is committed was appended');
    this.#inFlight.shift();
    const next = this.#inFlight[0];
    assert(
      next === undefined || next.endOffset < 0 || next.endOffset >= batch.endOffset,
      'batches in flight are in the order of their offsets',
    );
    if (next === undefined) this.#timers.cancel(COMMIT_OVERDUE_KEY);
    else this.#scheduleOverdue(next);
    this.#options.progressed();
    batch.complete();
  }

  #scheduleOverdue(batch: PendingBatch): void {
    const { clock, commitTimeoutMs } = this.#options;
    const delayMs = batch.appendedAtMs + commitTimeoutMs - clock.monotonicMs();
    this.#timers.schedule(COMMIT_OVERDUE_KEY, delayMs, undefined);
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
    if (this.#inFlight.length > 0) this.#timers.schedule(COMMIT_OVERDUE_KEY, commitTimeoutMs, undefined);
  }
}

/** The records of one operation, of which no more are encoded than a batch has room for: a request could ask for any number. */
class BatchRoom {
  readonly #limit: number;
  readonly #isForAll: boolean;
  /** Of all records where they share a batch, else of the largest. */
  takenBytes = 0;

  constructor(limit: number, isForAll: boolean) {
    this.#limit = limit;
    this.#isForAll = isForAll;
  }

  /** Throws KafkaError RECORD_LIST_TOO_LARGE. */
  taken(record: EncodedRecord): EncodedRecord {
    const bytes = sizeOf(record);
    this.takenBytes = this.#isForAll ? this.takenBytes + bytes : Math.max(this.takenBytes, bytes);
    if (this.takenBytes > this.#limit) throw new KafkaError(Errors.RECORD_LIST_TOO_LARGE);
    return record;
  }
}

function areOfOne(transactional: readonly { readonly producer: Producer }[]): boolean {
  const first = transactional[0]?.producer;
  return transactional.every(
    ({ producer }) => producer.producerId === first?.producerId && producer.producerEpoch === first.producerEpoch,
  );
}
