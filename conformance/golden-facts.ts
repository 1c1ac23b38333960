// What golden lines about assignors say of an assignment when its details depend on the order of Java's maps: facts that came
// out the same in every order, and the ends between which the others lay.
export type Facts = Readonly<Record<string, unknown>>;
export type Range = readonly [number, number];

/** Numbers of which less is better; of the others more is. */
const lessIsBetter = new Set(['largest', 'mostOwners', 'largestActive', 'largestTotal']);

export const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((one, other) => one - other);

/**
 * How `actual` differs from what Kafka's assignment had, or undefined. Numbers in `varies` may be better than Kafka's, and what
 * stands in `faults` may be true where it is false in Kafka's.
 */
export function differences(
  expected: Facts,
  varies: Readonly<Record<string, Range>>,
  actual: Facts,
  faults: ReadonlySet<string>,
): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    if (name in varies || (faults.has(name) && actual[name] === true)) continue;
    if (JSON.stringify(inOrder(value)) !== JSON.stringify(inOrder(actual[name])))
      return `${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(actual[name])}`;
  }
  for (const [name, [lowest, highest]] of Object.entries(varies)) {
    const value = actual[name] as number;
    if (lessIsBetter.has(name) ? value > highest : value < lowest)
      return `${name}: expected ${lowest} to ${highest}, got ${value}`;
  }
  return undefined;
}

/** Entries by their names. */
export const byName = <Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));

/** Maps are compared by their keys, not by their order. */
const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? byName(Object.entries(value)) : value;
