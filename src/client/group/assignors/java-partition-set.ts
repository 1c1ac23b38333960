// A set that begins where Java's begins: what Kafka's sticky assignor gives to whom depends on it in places. Members of both kinds lead
// a group in turn, and partitions must not move for that.
import { hashBucket, hashTableSize, partitionHash } from '../../../protocol/index.ts';

/** A HashSet of partitions, as far as its first element goes. */
export class JavaPartitionSet {
  readonly #elements = new Map<string, { readonly topic: string; readonly partition: number }>();
  /** It grows and never shrinks. */
  #buckets = hashTableSize(0);

  get size(): number {
    return this.#elements.size;
  }

  add(name: string, place: { readonly topic: string; readonly partition: number }): void {
    this.#elements.set(name, place);
    this.#buckets = Math.max(this.#buckets, hashTableSize(this.#elements.size));
  }

  delete(name: string): void {
    this.#elements.delete(name);
  }

  first(): string | undefined {
    let first: string | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [name, place] of this.#elements) {
      const bucket = hashBucket(partitionHash(place), this.#buckets);
      if (bucket >= lowest) continue;
      lowest = bucket;
      first = name;
    }
    return first;
  }
}
