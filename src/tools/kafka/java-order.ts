// The order in which Java walks a HashMap or HashSet: by bucket, and within a bucket as they came. The originals print many of their
// lists in this order.
import { javaHash } from '../../protocol/index.ts';

const FIRST_CAPACITY = 16;
const LOAD = 0.75;

/** The items as a HashMap with them as keys, put in the order given, hands them out. */
export function hashOrder<T>(items: Iterable<T>, hashOf: (item: T) => number, firstCapacity = FIRST_CAPACITY): T[] {
  const all = [...items];
  let capacity = 1;
  while (capacity < firstCapacity) capacity *= 2;
  while (all.length > capacity * LOAD) capacity *= 2;
  const bucketOf = (item: T): number => {
    const hash = hashOf(item);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  const placed = all.map((item, index) => ({ item, index, bucket: bucketOf(item) }));
  placed.sort((a, b) => a.bucket - b.bucket || a.index - b.index);
  return placed.map(({ item }) => item);
}

export const hashOrderOfTexts = (texts: Iterable<string>, firstCapacity?: number): string[] =>
  hashOrder(texts, javaHash, firstCapacity);

/** What a HashMap with texts as keys holds. */
export const hashOrderOfEntries = <V>(entries: Iterable<readonly [string, V]>): (readonly [string, V])[] =>
  hashOrder(entries, ([text]) => javaHash(text));

/** The keys of a HashMap that is made as a copy of such a one: it is as small as it can be. */
export function hashOrderOfCopiedTexts(texts: Iterable<string>): string[] {
  const inOrder = hashOrderOfTexts(texts);
  return hashOrderOfTexts(inOrder, Math.floor(inOrder.length / LOAD + 1));
}

/** An Integer is its own hash. */
export const hashOrderOfNumbers = (numbers: Iterable<number>): number[] => hashOrder(numbers, (number) => number);

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** As TopicPartition.hashCode() has it. */
const placeHash = ({ topic, partition }: Place): number => (Math.imul(31, 31 + partition) + javaHash(topic)) | 0;

export const hashOrderOfPlaces = <P extends Place>(places: Iterable<P>): P[] => hashOrder(places, placeHash);

/** As TopicPartition.toString() has it. */
export const placeText = ({ topic, partition }: Place): string => `${topic}-${partition}`;
