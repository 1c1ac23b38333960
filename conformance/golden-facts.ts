// What golden lines about assignors say of an assignment when its details depend on the order of Java's maps: facts that came
// out the same in every order, and the ends between which the others lay.
export type Facts = Readonly<Record<string, unknown>>;
export type Range = readonly [number, number];

/** Numbers of which less is better, and those of which more is. */
const lessIsBetter = new Set(['largest', 'mostOwners', 'largestActive', 'largestTotal']);
const moreIsBetter = new Set(['partitionsOwned', 'fewestOwners', 'kept', 'smallest', 'standbysGiven', 'keptActive']);
for (const name of ['keptStandby', 'standbyPromoted', 'smallestActive', 'smallestTotal']) moreIsBetter.add(name);

/** Partitions or tasks of each member. */
const sizes = new Set(['sizes', 'activeSizes', 'totalSizes']);

export const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((one, other) => one - other);

/**
 * How `actual` differs from what Kafka's assignment had, or undefined. What stands in `varies` lies between its ends, and all
 * numbers with a better side may be better than Kafka's.
 */
export function differences(
  expected: Facts,
  varies: Readonly<Record<string, Range>>,
  actual: Facts,
): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    const isAsGood = sizes.has(name)
      ? isNoWider({ all: endsOf(value as number[]) }, { all: endsOf(actual[name] as number[]) })
      : name === 'spreadByTopic'
        ? isNoWider(value as Readonly<Record<string, Range>>, actual[name] as Readonly<Record<string, Range>>)
        : typeof value === 'number'
          ? isWithin(name, actual[name] as number, [value, value])
          : JSON.stringify(value) === JSON.stringify(actual[name]);
    if (!isAsGood) return `${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(actual[name])}`;
  }
  for (const [name, [lowest, highest]] of Object.entries(varies)) {
    const value = actual[name] as number;
    if (!isWithin(name, value, [lowest, highest])) return `${name}: expected ${lowest} to ${highest}, got ${value}`;
  }
  return undefined;
}

const endsOf = (ascending: readonly number[]): Range => [ascending[0] ?? 0, ascending.at(-1) ?? 0];

function isWithin(name: string, value: number, [lowest, highest]: Range): boolean {
  return (value >= lowest || lessIsBetter.has(name)) && (value <= highest || moreIsBetter.has(name));
}

/** For each topic: fewest and most partitions of a subscriber. */
function isNoWider(expected: Readonly<Record<string, Range>>, actual: Readonly<Record<string, Range>>): boolean {
  return Object.entries(expected).every(([topic, [fewest, most]]) => {
    const [ownFewest, ownMost] = actual[topic] ?? [0, 0];
    return ownFewest >= fewest && ownMost <= most;
  });
}

/** Entries by their names. */
export const byName = <Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
