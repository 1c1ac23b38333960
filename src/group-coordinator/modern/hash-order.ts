// The order in which Java goes through a HashMap or HashSet. Where members or partitions are equally good, an assignor goes by the order in which
// it meets them: with Kafka's the same groups get the same targets.
import { javaHash } from '../../protocol/index.ts';

const LEAST_CAPACITY = 16;
const LOAD_FACTOR = 0.75;

/** Entries by the buckets of their keys; those that share one stay in the order in which they came. */
export function inHashOrder<V>(entries: ReadonlyMap<string, V>): Map<string, V> {
  let capacity = LEAST_CAPACITY;
  while (entries.size > capacity * LOAD_FACTOR) capacity *= 2;
  const placed = Array.from(entries, (entry) => ({ entry, bucket: bucketOf(entry[0], capacity) }));
  placed.sort((one, other) => one.bucket - other.bucket);
  return new Map(placed.map(({ entry }) => entry));
}

/** Partitions as they lie in a HashSet of them. */
export function partitionsInHashOrder(partitions: readonly number[]): Set<number> {
  let capacity = LEAST_CAPACITY;
  while (partitions.length / LOAD_FACTOR + 1 > capacity) capacity *= 2;
  const mask = capacity - 1;
  return new Set([...partitions].sort((one, other) => (one & mask) - (other & mask)));
}

function bucketOf(key: string, capacity: number): number {
  const hash = javaHash(key);
  return (hash ^ (hash >>> 16)) & (capacity - 1);
}
