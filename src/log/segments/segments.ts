// The segments of a partition, oldest first; the last one is written to.
import { assert } from '../../runtime/index.ts';
import type { Segment } from './segment.ts';

export class Segments {
  readonly #list: Segment[];

  /** `list` in the order of base offsets, at least one. */
  constructor(list: Segment[]) {
    assert(list.length > 0, 'a log has a segment');
    this.#list = list;
    for (let i = 1; i < list.length; i++) (list[i - 1] as Segment).nextBaseOffset = (list[i] as Segment).baseOffset;
  }

  get count(): number {
    return this.#list.length;
  }

  get first(): Segment {
    return this.#list[0] as Segment;
  }

  get active(): Segment {
    return this.#list[this.#list.length - 1] as Segment;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const segment of this.#list) sum += segment.sizeBytes;
    return sum;
  }

  at(index: number): Segment | undefined {
    return this.#list[index];
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.#list[Symbol.iterator]();
  }

  /** Index of the segment with the largest base offset not above `offset`; -1 when all lie above. */
  floorIndex(offset: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle] as Segment).baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Where the segment at `index` ends and the next begins; `logEndOffset` for the last. */
  endOffset(index: number, logEndOffset: number): number {
    return this.#list[index + 1]?.baseOffset ?? logEndOffset;
  }

  add(segment: Segment): void {
    assert(segment.baseOffset > this.active.baseOffset, 'segments are added in order');
    this.active.nextBaseOffset = segment.baseOffset;
    this.#list.push(segment);
  }

  /** Takes out the first `count`; one must stay. */
  removeFirst(count: number): Segment[] {
    assert(count < this.#list.length, 'a log has a segment');
    return this.#list.splice(0, count);
  }

  /** Takes out those with a base offset of `offset` or above, or behind the one at `keep`; one must stay. */
  removeBehind(index: number): Segment[] {
    assert(index >= 0, 'a log has a segment');
    const removed = this.#list.splice(index + 1);
    this.active.nextBaseOffset = Number.MAX_SAFE_INTEGER;
    return removed;
  }

  /** `segment` takes the place of those of `old` that are still here, and begins with the first of them. The active one stays. */
  replace(old: readonly Segment[], segment: Segment): void {
    const from = this.#list.indexOf(old[0] as Segment);
    assert(from >= 0 && from + old.length < this.#list.length, 'what is replaced is here, before the active segment');
    segment.nextBaseOffset = (this.#list[from + old.length] as Segment).baseOffset;
    this.#list.splice(from, old.length, segment);
  }

  /** Drops all segments in favour of `segment`. */
  replaceAll(segment: Segment): Segment[] {
    const removed = this.#list.splice(0);
    this.#list.push(segment);
    return removed;
  }
}
