// Records of one partition that go together, from their first to their acknowledgement (Kafka: ProducerBatch).
import { batchesOf, type CodecId, type Int64, NO_SEQUENCE, recordsOf } from '../../protocol/index.ts';
import { Acknowledgements, type Reject, type Resolve, type SentTogether } from './acknowledgements.ts';
import { BatchWriter, type Content } from './batch-writer.ts';
import type { RecordHeader } from '../serializers.ts';
import type { Identity } from './producer-identity.ts';

export interface ReadyRecord {
  readonly key: Content;
  readonly value: Content;
  readonly timestamp: Int64;
  readonly headers: readonly RecordHeader[];
}

export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly createdMs: number;
  readonly deadlineMs: number;
}

export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  /** On the monotonic clock, as all times here. */
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly writer: BatchWriter;
  readonly #acknowledgements = new Acknowledgements();
  identity: Identity | undefined;
  baseSequence = NO_SEQUENCE;
  /** Its sequence was counted anew after it had been sent under another. */
  hasBeenReset = false;
  attempts = 0;
  /** It waits until then before it is sent again. */
  notBeforeMs = 0;
  /** Sent, and not answered yet. */
  isOnWire = false;
  /** Its records have been told what became of them. */
  isDone = false;
  /** Bytes of it that count against buffer.memory. */
  reservedBytes = 0;
  #done: Promise<void> | undefined;
  #tellDone: () => void = () => undefined;

  constructor({ topic, partition, createdMs, deadlineMs }: BatchPlace, writer: BatchWriter) {
    this.topic = topic;
    this.partition = partition;
    this.createdMs = createdMs;
    this.deadlineMs = deadlineMs;
    this.writer = writer;
  }

  get hasSequence(): boolean {
    return this.baseSequence !== NO_SEQUENCE;
  }

  get lastSequence(): number {
    return sequenceBehind(this.baseSequence, this.writer.recordCount - 1);
  }

  get isRetry(): boolean {
    return this.attempts > 0;
  }

  /** false: there is no room for it. */
  appendAlone({ key, value, headers, timestamp }: ReadyRecord, resolve: Resolve, reject: Reject): boolean {
    if (!this.writer.append(key, value, headers, timestamp)) return false;
    this.#acknowledgements.alone(this.writer.recordCount - 1, resolve, reject);
    return true;
  }

  appendTogether({ key, value, headers, timestamp }: ReadyRecord, group: SentTogether, index: number): boolean {
    if (!this.writer.append(key, value, headers, timestamp)) return false;
    this.#acknowledgements.together(this.writer.recordCount - 1, group, index);
    return true;
  }

  follow(identity: Identity, baseSequence: number): void {
    if (this.hasSequence) this.hasBeenReset = true;
    this.identity = identity;
    this.baseSequence = baseSequence;
  }

  bytes(codec: CodecId, level: number | undefined, isTransactional: boolean): Buffer {
    const { producerId = -1, epoch: producerEpoch = -1 } = this.identity ?? {};
    return this.writer.finish(
      { producerId, producerEpoch, baseSequence: this.baseSequence, isTransactional },
      codec,
      level,
    );
  }

  /** false: that was known already. */
  placed(baseOffset: number, logAppendTimeMs: Int64): boolean {
    if (!this.#finish()) return false;
    const { topic, partition } = this;
    this.#acknowledgements.placed({
      topic,
      partition,
      baseOffset,
      logAppendTimeMs,
      timestamps: this.writer.timestamps,
    });
    return true;
  }

  failed(error: unknown): boolean {
    if (!this.#finish()) return false;
    this.#acknowledgements.failed(error);
    return true;
  }

  /** Resolves when its records have been told what became of them. */
  whenDone(): Promise<void> {
    if (this.isDone) return Promise.resolve();
    this.#done ??= new Promise((resolve) => {
      this.#tellDone = resolve;
    });
    return this.#done;
  }

  /** Its records in batches of at most `sizeBytes`, or of one record, which take over who waits for them. */
  split(sizeBytes: number): ProducerBatch[] {
    const whole = this.writer.finish(
      { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false },
      0,
      undefined,
    );
    const parts: ProducerBatch[] = [];
    let first = 0;
    let index = 0;
    const close = (part: ProducerBatch | undefined): void => {
      if (part === undefined) return;
      this.#acknowledgements.handTo(part.#acknowledgements, first, index);
      first = index;
      parts.push(part);
    };
    let part: ProducerBatch | undefined;
    for (const at of batchesOf(whole)) {
      for (const { key, value, headers, timestamp } of recordsOf(whole, { at })) {
        if (part === undefined || !part.writer.append(key, value, headers, timestamp)) {
          close(part);
          part = new ProducerBatch(this, new BatchWriter(Buffer.allocUnsafeSlow(sizeBytes), sizeBytes));
          part.writer.append(key, value, headers, timestamp);
        }
        index += 1;
      }
    }
    close(part);
    this.#finish();
    return parts;
  }

  #finish(): boolean {
    if (this.isDone) return false;
    this.isDone = true;
    this.#tellDone();
    return true;
  }
}

/** Sequences wrap from 2^31 - 1 to 0 (KIP-98). */
export function sequenceBehind(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31;
}
