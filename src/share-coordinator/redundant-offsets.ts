// Up to where a partition of __share_group_state may be deleted (Kafka: ShareCoordinatorOffsetsManager): below the last
// snapshot of each share partition that lives. Deletion goes by offsets and not by keys, so one share partition that stands
// still keeps all that was written since; that is why such ones are written anew from time to time.
import type { EncodedRecord } from '../coordinator-common/index.ts';
import { isSnapshot } from './share-state-record.ts';

export class RedundantOffsets {
  /** Where the last snapshot of each share partition stands, by the bytes of its key. */
  readonly #snapshots = new Map<string, number>();
  #lastOffset = 0;

  /** `record` stands at `offset`. */
  stored(record: EncodedRecord, offset: number): void {
    if (!isSnapshot(record)) return;
    this.#lastOffset = offset;
    const key = Buffer.from(record.key).toString('latin1');
    if (record.value === null) this.#snapshots.delete(key);
    else this.#snapshots.set(key, offset);
  }

  /** Everything below it is of no use any more. 0: nothing is. */
  get end(): number {
    let end = this.#lastOffset;
    for (const offset of this.#snapshots.values()) end = Math.min(end, offset);
    return end;
  }
}
