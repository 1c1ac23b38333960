// What a share partition has done with its records, as ranges of offsets: merging new ranges into known ones, so that none
// overlap (Kafka: PersisterStateBatchCombiner). Where two say something about the same offset, the one with more deliveries
// counts, then the one further in its life. The order of steps is Kafka's, since the records that are written follow from it.

/** A range of offsets in one state, both ends included. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** 0 available, 2 acknowledged, 4 archived. */
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

const NO_START_OFFSET = -1;

/** The ranges of both lists from `startOffset` on (-1: from anywhere), without overlaps, in ascending order. */
export function combineStateBatches(
  known: readonly StateBatch[],
  added: readonly StateBatch[],
  startOffset: number,
): readonly StateBatch[] {
  const pruned = prune(known.length === 0 ? added : added.length === 0 ? known : [...known, ...added], startOffset);
  return pruned.length < 2 ? pruned : new Merger(pruned).merge();
}

/** What lies before `startOffset` is of no interest any more. */
function prune(batches: readonly StateBatch[], startOffset: number): readonly StateBatch[] {
  if (startOffset === NO_START_OFFSET) return batches;
  const kept: StateBatch[] = [];
  for (const batch of batches) {
    if (batch.lastOffset < startOffset) continue;
    kept.push(batch.firstOffset >= startOffset ? batch : between(batch, startOffset, batch.lastOffset));
  }
  return kept;
}

function between(batch: StateBatch, firstOffset: number, lastOffset: number): StateBatch {
  return { firstOffset, lastOffset, deliveryState: batch.deliveryState, deliveryCount: batch.deliveryCount };
}

/** Which of two says more: positive when it is the first. */
function compareDelivery(one: StateBatch, other: StateBatch): number {
  return one.deliveryCount - other.deliveryCount || one.deliveryState - other.deliveryState;
}

function compare(one: StateBatch, other: StateBatch): number {
  return one.firstOffset - other.firstOffset || one.lastOffset - other.lastOffset || compareDelivery(one, other);
}

class Merger {
  /** In order, each once, from `#head` on; what stands before has been taken out. */
  readonly #sorted: StateBatch[];
  #head = 0;
  readonly #done: StateBatch[] = [];

  constructor(batches: readonly StateBatch[]) {
    const sorted = [...batches].sort(compare);
    this.#sorted = sorted.filter((batch, at) => at === 0 || compare(sorted[at - 1] as StateBatch, batch) !== 0);
  }

  merge(): readonly StateBatch[] {
    while (this.#findPair()) {
      const previous = this.#sorted[this.#head] as StateBatch;
      const candidate = this.#sorted[this.#head + 1] as StateBatch;
      this.#head += 2;
      if (compareDelivery(candidate, previous) === 0) {
        this.#add(between(previous, previous.firstOffset, Math.max(candidate.lastOffset, previous.lastOffset)));
      } else if (candidate.firstOffset === previous.firstOffset) {
        this.#mergeAligned(previous, candidate);
      } else {
        this.#mergeOverlap(previous, candidate);
      }
    }
    return this.#done;
  }

  /** Moves what overlaps with nothing to the result, up to two that overlap or go on in the same state. */
  #findPair(): boolean {
    const sorted = this.#sorted;
    while (this.#head + 1 < sorted.length) {
      const previous = sorted[this.#head] as StateBatch;
      const candidate = sorted[this.#head + 1] as StateBatch;
      if (candidate.firstOffset <= previous.lastOffset) return true;
      if (previous.lastOffset + 1 === candidate.firstOffset && compareDelivery(previous, candidate) === 0) return true;
      this.#done.push(previous);
      this.#head++;
    }
    const last = sorted[this.#head];
    if (last !== undefined) this.#done.push(last);
    return false;
  }

  #mergeAligned(previous: StateBatch, candidate: StateBatch): void {
    if (candidate.lastOffset === previous.lastOffset || compareDelivery(candidate, previous) > 0) {
      return this.#add(candidate);
    }
    this.#add(previous);
    this.#add(between(candidate, previous.lastOffset + 1, candidate.lastOffset));
  }

  #mergeOverlap(previous: StateBatch, candidate: StateBatch): void {
    if (compareDelivery(candidate, previous) < 0) {
      this.#add(previous);
      if (candidate.lastOffset > previous.lastOffset) {
        this.#add(between(candidate, previous.lastOffset + 1, candidate.lastOffset));
      }
      return;
    }
    this.#add(between(previous, previous.firstOffset, candidate.firstOffset - 1));
    this.#add(candidate);
    if (candidate.lastOffset < previous.lastOffset) {
      this.#add(between(previous, candidate.lastOffset + 1, previous.lastOffset));
    }
  }

  /** In its place, which is near the head; one that is there already is not added again. */
  #add(batch: StateBatch): void {
    const sorted = this.#sorted;
    let low = this.#head;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(sorted[middle] as StateBatch, batch) < 0) low = middle + 1;
      else high = middle;
    }
    if (low < sorted.length && compare(sorted[low] as StateBatch, batch) === 0) return;
    // The place of one that was taken out is free again.
    if (low === this.#head && this.#head > 0) sorted[--this.#head] = batch;
    else sorted.splice(low, 0, batch);
  }
}
