// What was sent and is not acknowledged: batches by partition, the memory that they take, and those who wait for some
// (Kafka: RecordAccumulator, BufferPool).
import { Codecs, Errors, HEADER_SIZE, KafkaError } from '../../protocol/index.ts';
import type { Clock, Timer } from '../../runtime/index.ts';
import type { Reject, Resolve, SentTogether } from './acknowledgements.ts';
import { BatchWriter, largestSizeOf } from './batch-writer.ts';
import { CompressionRatios } from './compression-ratios.ts';
import { ProducerBatch, type ReadyRecord } from './producer-batch.ts';
import type { ProducerSettings } from './producer-settings.ts';

/** Batches of one partition, the oldest first. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: ProducerBatch[];
  /** The last one, as long as records are added to it. */
  open: ProducerBatch | undefined;
  /** Of them, those that have left and have no answer yet. */
  onWire: number;
}

/** What a record has done: joined others, begun a batch, or made one ready to leave. */
export const Appended = { MORE: 0, BEGUN: 1, READY: 2 } as const;
export type Appended = (typeof Appended)[keyof typeof Appended];

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
}

/** Buffers kept for the next batches. */
const MOST_FREE_BUFFERS = 128;

export class Accumulator {
  readonly #clock: Clock;
  readonly #settings: ProducerSettings;
  readonly #ratios: CompressionRatios;
  readonly #queues = new Map<string, PartitionQueue[]>();
  /** Those with something to send. */
  readonly busy = new Set<PartitionQueue>();
  /** In the order in which they were begun. */
  readonly incomplete = new Set<ProducerBatch>();
  readonly #free: Buffer[] = [];
  readonly #waiting: Waiter[] = [];
  #usedBytes = 0;
  /** What the last record has added. */
  lastAppendedBytes = 0;

  constructor(clock: Clock, settings: ProducerSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#ratios = new CompressionRatios(settings.codec);
  }

  /** Somebody waits for memory: what is there has to go, full or not. */
  get isExhausted(): boolean {
    return this.#waiting.length > 0;
  }

  get hasRoom(): boolean {
    return this.#usedBytes < this.#settings.bufferMemory && this.#waiting.length === 0;
  }

  /** Resolves when there is room. Rejects with KafkaError when there is none until the deadline, that of max.block.ms. */
  room(deadlineMs: number): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    const { maxBlockMs, bufferMemory } = this.#settings;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.schedule(Math.max(0, deadlineMs - this.#clock.monotonicMs()), () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        const why = `${bufferMemory} bytes (buffer.memory) wait for the brokers, and none was freed in ${maxBlockMs} ms`;
        reject(new KafkaError(Errors.REQUEST_TIMED_OUT, why));
      });
      const waiter: Waiter = { resolve, reject, timer };
      this.#waiting.push(waiter);
    });
  }

  queueOf(topic: string, partition: number): PartitionQueue {
    let queues = this.#queues.get(topic);
    if (queues === undefined) this.#queues.set(topic, (queues = []));
    return (queues[partition] ??= { topic, partition, batches: [], open: undefined, onWire: 0 });
  }

  appendAlone(queue: PartitionQueue, record: ReadyRecord, resolve: Resolve, reject: Reject): Appended {
    const { open } = queue;
    if (open?.appendAlone(record, resolve, reject) === true) return this.#grew(queue, open, Appended.MORE);
    const batch = this.#begin(queue, record);
    batch.appendAlone(record, resolve, reject);
    return this.#grew(queue, batch, Appended.BEGUN);
  }

  appendTogether(queue: PartitionQueue, record: ReadyRecord, group: SentTogether, index: number): Appended {
    const { open } = queue;
    if (open?.appendTogether(record, group, index) === true) return this.#grew(queue, open, Appended.MORE);
    const batch = this.#begin(queue, record);
    batch.appendTogether(record, group, index);
    return this.#grew(queue, batch, Appended.BEGUN);
  }

  /** It leaves: no record is added to it any more. */
  taken(queue: PartitionQueue, batch: ProducerBatch): void {
    queue.batches.splice(queue.batches.indexOf(batch), 1);
    if (queue.open === batch) queue.open = undefined;
    if (queue.batches.length === 0) this.busy.delete(queue);
  }

  /** To be sent again, before those that have not left yet. */
  returned(queue: PartitionQueue, batch: ProducerBatch): void {
    let at = 0;
    // Among those that have a sequence, in that order.
    while (batch.hasSequence && isBefore(queue.batches[at], batch)) at += 1;
    queue.batches.splice(at, 0, batch);
    this.busy.add(queue);
  }

  /** In place of one that was too large. */
  replaced(queue: PartitionQueue, batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.#release(batch);
    for (const part of parts) this.#reserve(part);
    this.#ratios.reset(batch.topic);
    for (const part of [...parts].reverse()) this.returned(queue, part);
    for (const part of parts) this.incomplete.add(part);
  }

  /** Its records have been told. `isBufferFree`: nobody reads its bytes any more. */
  done(batch: ProducerBatch, isBufferFree: boolean): void {
    this.#release(batch);
    const { buffer } = batch.writer;
    const isKept = isBufferFree && buffer.length === this.#settings.batchSize && this.#free.length < MOST_FREE_BUFFERS;
    if (isKept) this.#free.push(buffer);
  }

  packed(batch: ProducerBatch, sizeBytes: number): void {
    this.#ratios.observed(batch.topic, (sizeBytes - HEADER_SIZE) / (batch.writer.sizeBytes - HEADER_SIZE));
  }

  /** Those that wait for memory wait no more. */
  refuseWaiting(error: unknown): void {
    for (const { reject, timer } of this.#waiting.splice(0)) {
      timer.cancel();
      reject(error);
    }
  }

  #begin(queue: PartitionQueue, { key, value, headers }: ReadyRecord): ProducerBatch {
    const { batchSize, deliveryTimeoutMs, codec } = this.#settings;
    const createdMs = this.#clock.monotonicMs();
    const writeLimit = Math.max(batchSize, largestSizeOf(key, value, headers));
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(batchSize);
    const ratio = codec === Codecs.NONE ? undefined : this.#ratios.expected(queue.topic);
    const { topic, partition } = queue;
    const place = { topic, partition, createdMs, deadlineMs: createdMs + deliveryTimeoutMs };
    const batch = new ProducerBatch(place, new BatchWriter(buffer, writeLimit, ratio));
    queue.batches.push(batch);
    queue.open = batch;
    this.busy.add(queue);
    this.incomplete.add(batch);
    return batch;
  }

  #grew(queue: PartitionQueue, batch: ProducerBatch, how: Appended): Appended {
    this.lastAppendedBytes = batch.writer.sizeBytes - batch.reservedBytes;
    this.#reserve(batch);
    return batch.writer.isFull || queue.batches.length > 1 ? Appended.READY : how;
  }

  #reserve(batch: ProducerBatch): void {
    const { sizeBytes } = batch.writer;
    this.#usedBytes += sizeBytes - batch.reservedBytes;
    batch.reservedBytes = sizeBytes;
  }

  #release(batch: ProducerBatch): void {
    this.incomplete.delete(batch);
    this.#usedBytes -= batch.reservedBytes;
    batch.reservedBytes = 0;
    // One for each: every record that is sent may fill it again.
    if (this.#waiting.length > 0 && this.#usedBytes < this.#settings.bufferMemory) this.#letWaitingIn();
  }

  #letWaitingIn(): void {
    const roomBytes = this.#settings.bufferMemory - this.#usedBytes;
    const count = Math.max(1, Math.ceil(roomBytes / Math.max(1, this.#settings.batchSize)));
    for (const { resolve, timer } of this.#waiting.splice(0, count)) {
      timer.cancel();
      resolve();
    }
  }
}

const isBefore = (other: ProducerBatch | undefined, batch: ProducerBatch): boolean =>
  other?.hasSequence === true && other.baseSequence < batch.baseSequence;
