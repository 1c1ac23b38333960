// The order in which Java walks its hash maps and sets: by the low bits of the hash, then as they came. What Kafka's sticky assignors
// give to whom depends on it in places; members of both kinds lead a group in turn, and partitions must not move for that.
import { javaHash } from '../../../protocol/index.ts';

const SMALLEST_TABLE = 16;
const LOAD = 0.75;

/** Slots of a table that has come to hold so many. */
function tableFor(count: number): number {
  let size = SMALLEST_TABLE;
  while (count > size * LOAD) size *= 2;
  return size;
}

const slotOf = (hash: number, table: number): number => (hash ^ (hash >>> 16)) & (table - 1);

/** As a HashMap walks these keys, put in one after the other. */
export function inJavaOrder(keys: Iterable<string>): string[] {
  const all = [...keys];
  const table = tableFor(all.length);
  const slots = new Map(all.map((key) => [key, slotOf(javaHash(key), table)]));
  return all.sort((a, b) => (slots.get(a) as number) - (slots.get(b) as number));
}

/** A HashSet of partitions, as far as its first element goes. */
export class JavaPartitionSet {
  readonly #elements = new Map<string, { readonly topic: string; readonly partition: number }>();
  /** It grows and never shrinks. */
  #table = SMALLEST_TABLE;

  get size(): number {
    return this.#elements.size;
  }

  add(name: string, place: { readonly topic: string; readonly partition: number }): void {
    this.#elements.set(name, place);
    this.#table = Math.max(this.#table, tableFor(this.#elements.size));
  }

  delete(name: string): void {
    this.#elements.delete(name);
  }

  first(): string | undefined {
    let first: string | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [name, place] of this.#elements) {
      const slot = slotOf(hashOf(place), this.#table);
      if (slot >= lowest) continue;
      lowest = slot;
      first = name;
    }
    return first;
  }
}

/** TopicPartition.hashCode */
const hashOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): number =>
  (Math.imul(31 + partition, 31) + javaHash(topic)) | 0;
