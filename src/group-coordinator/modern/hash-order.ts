// Members and partitions in the order in which Java goes through a HashMap or HashSet of them: with Kafka's assignors the same groups
// get the same targets.
import { copiedCapacity, hashOrder, javaHash } from '../../protocol/index.ts';

const LEAST_CAPACITY = 16;

export const inHashOrder = <V>(entries: ReadonlyMap<string, V>): Map<string, V> =>
  new Map(hashOrder(entries, ([key]) => javaHash(key)));

/** Partitions as they lie in a HashSet that was made of a list of them. */
export function partitionsInHashOrder(partitions: readonly number[]): Set<number> {
  const capacity = Math.max(LEAST_CAPACITY, copiedCapacity(partitions.length));
  return new Set(hashOrder(partitions, (partition) => partition, capacity));
}
