// The ranges that are on their way, by their first offsets (Kafka: the cached state of a SharePartition). New ones come at the
// end, old ones go at the front, and what lies between is found by halves.
import { assert } from '../../runtime/index.ts';
import type { InFlightBatch } from './in-flight-batch.ts';

export class InFlightBatches {
  #batches: InFlightBatch[] = [];

  get size(): number {
    return this.#batches.length;
  }
  get first(): InFlightBatch | undefined {
    return this.#batches[0];
  }
  get last(): InFlightBatch | undefined {
    return this.#batches[this.#batches.length - 1];
  }
  [Symbol.iterator](): ArrayIterator<InFlightBatch> {
    return this.#batches[Symbol.iterator]();
  }

  /** The last one that begins at or before `offset`. */
  floor(offset: number): InFlightBatch | undefined {
    return this.#batches[this.#after(offset) - 1];
  }
  /** The first one that begins behind `offset`. */
  higher(offset: number): InFlightBatch | undefined {
    return this.#batches[this.#after(offset)];
  }

  /** Those that begin in [from, to]: a list of its own, which later changes do not touch. */
  between(from: number, to: number): readonly InFlightBatch[] {
    return this.#batches.slice(this.#after(from - 1), this.#after(to));
  }

  put(batch: InFlightBatch): void {
    const at = this.#after(batch.firstOffset);
    const before = this.#batches[at - 1];
    assert(before === undefined || before.lastOffset < batch.firstOffset, 'ranges on their way do not overlap');
    const next = this.#batches[at];
    assert(next === undefined || next.firstOffset > batch.lastOffset, 'ranges on their way do not overlap');
    if (at === this.#batches.length) this.#batches.push(batch);
    else this.#batches.splice(at, 0, batch);
  }

  /** Takes out all that begin before `offset`. */
  removeBefore(offset: number): void {
    this.#batches.splice(0, this.#after(offset - 1));
  }
  clear(): void {
    this.#batches = [];
  }

  /** How many begin at or before `offset`. */
  #after(offset: number): number {
    const batches = this.#batches;
    const last = batches[batches.length - 1];
    if (last === undefined || last.firstOffset <= offset) return batches.length;
    let low = 0;
    let high = batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((batches[middle] as InFlightBatch).firstOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
