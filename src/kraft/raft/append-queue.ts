// Appends that wait for the disk, joined to as few batches as their size allows: each append stays within one batch, so
// that it is committed whole or not at all (Kafka: BatchAccumulator).
import { assert } from '../../runtime/index.ts';
import type { CommittedBatch } from '../committed/index.ts';
import { dataBatch, MAX_RECORD_OVERHEAD } from './raft-batches.ts';
import type { RecordSerde } from './raft-listener.ts';

interface Queued<T> {
  readonly bytes: Buffer;
  readonly batch: CommittedBatch<T>;
}

interface OpenBatch<T> {
  readonly baseOffset: number;
  readonly epoch: number;
  readonly records: T[];
  readonly values: Uint8Array[];
  sizeBound: number;
}

export class AppendQueue<T> {
  readonly #serde: RecordSerde<T>;
  readonly #maxBatchSize: number;
  #entries: (Queued<T> | OpenBatch<T>)[] = [];

  constructor(serde: RecordSerde<T>, maxBatchSize: number) {
    this.#serde = serde;
    this.#maxBatchSize = maxBatchSize;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Encodes at once: a record may be changed by nobody, but an error belongs to its caller. */
  add(records: readonly T[], at: { readonly baseOffset: number; readonly epoch: number }): void {
    const values = records.map((record) => this.#serde.encode(record));
    let size = 0;
    for (const value of values) size += value.length + MAX_RECORD_OVERHEAD;
    const last = this.#entries.at(-1);
    if (
      last !== undefined &&
      'values' in last &&
      last.epoch === at.epoch &&
      last.sizeBound + size <= this.#maxBatchSize
    ) {
      assert(last.baseOffset + last.values.length === at.baseOffset, 'appends follow one another without a gap');
      for (const record of records) last.records.push(record);
      for (const value of values) last.values.push(value);
      last.sizeBound += size;
      return;
    }
    this.#entries.push({ ...at, records: [...records], values, sizeBound: size });
  }

  /** A batch that is ready: control records, which never share one with data. */
  addBatch(bytes: Buffer, batch: CommittedBatch<T>): void {
    this.#entries.push({ bytes, batch });
  }

  /** Everything that waits, as batches with the time `nowMs`. */
  take(nowMs: number): Queued<T>[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries.map((entry) => ('bytes' in entry ? entry : close(entry, nowMs)));
  }

  clear(): void {
    this.#entries = [];
  }
}

function close<T>({ baseOffset, epoch, records, values }: OpenBatch<T>, nowMs: number): Queued<T> {
  const bytes = dataBatch({ baseOffset, epoch, timestamp: nowMs }, values);
  const lastOffset = baseOffset + values.length - 1;
  return {
    bytes,
    batch: { baseOffset, lastOffset, epoch, appendTimestamp: nowMs, sizeInBytes: bytes.length, records },
  };
}
