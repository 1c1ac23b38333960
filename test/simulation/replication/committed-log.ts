// What has once stood below a high watermark, on whichever replica: it may never be anything else (D2, D3, D4 of the invariants).
import { expect } from 'chai';
import type { PartitionLog } from '../../../src/log/index.ts';
import * as batch from '../../../src/protocol/records/index.ts';

/** All whole batches from `offset` to `end`, each in a buffer of its own. */
export function readBatches(log: PartitionLog, offset: number, end: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = offset; at < end; ) {
    const slice = log.read(at, 4000, { upTo: end, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    expect(
      bytes.length,
      `nothing to read at ${at} of ${log.directory}, which ends at ${log.logEndOffset}`,
    ).to.be.greaterThan(0);
    for (const position of batch.batchesOf(bytes)) {
      found.push(bytes.subarray(position, position + batch.sizeInBytes(bytes, position)));
      at = batch.lastOffset(bytes, position) + 1;
    }
  }
  return found;
}

export class CommittedLog {
  readonly #batches = new Map<number, Buffer>();
  #end = 0;

  get end(): number {
    return this.#end;
  }
  at(firstOffset: number): Buffer | undefined {
    return this.#batches.get(firstOffset);
  }

  /** A replica, `who`, has moved its high watermark up to `to`. */
  seen(who: string, log: PartitionLog, from: number, to: number): void {
    for (const bytes of readBatches(log, Math.max(from, log.logStartOffset), to)) {
      const first = batch.baseOffset(bytes);
      const known = this.#batches.get(first);
      if (known !== undefined) {
        expect(bytes.equals(known), `${who} has something else committed at ${first}`).to.equal(true);
        continue;
      }
      expect(first, `${who} has committed what begins within another batch`).to.equal(this.#end);
      this.#batches.set(first, bytes);
      this.#end = batch.lastOffset(bytes) + 1;
    }
  }
}
