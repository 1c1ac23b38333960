// The order in which Java walks a HashMap or HashSet: by bucket, and within a bucket as they came. Kafka's assignors go by it where
// members or partitions are equally good, and its messages and tools list names in it: here the same stands in the same places.
import { javaHash } from './java-hash.ts';

const FIRST_CAPACITY = 16;
const LOAD_FACTOR = 0.75;

/** Buckets of a table that was made with at least `firstCapacity` and has come to hold `count`. */
export function hashTableSize(count: number, firstCapacity = FIRST_CAPACITY): number {
  let buckets = 1;
  while (buckets < firstCapacity || count > buckets * LOAD_FACTOR) buckets *= 2;
  return buckets;
}

/** The bucket of a key with this hash: HashMap folds the upper half of a hash into the lower one. */
export const hashBucket = (hash: number, buckets: number): number => (hash ^ (hash >>> 16)) & (buckets - 1);

/** The capacity that a HashSet has which is made as a copy of so many. */
export const copiedCapacity = (count: number): number => Math.floor(count / LOAD_FACTOR + 1);

/** The items, none of which is there twice, as a HashMap with them as keys hands them out into which they were put in the order given. */
export function hashOrder<T>(items: Iterable<T>, hashOf: (item: T) => number, firstCapacity?: number): T[] {
  const all = [...items];
  const buckets = hashTableSize(all.length, firstCapacity);
  const placed = all.map((item) => ({ item, bucket: hashBucket(hashOf(item), buckets) }));
  return placed.sort((one, other) => one.bucket - other.bucket).map(({ item }) => item);
}

export const hashOrderOfTexts = (texts: Iterable<string>, firstCapacity?: number): string[] =>
  hashOrder(texts, javaHash, firstCapacity);

/** TopicPartition.hashCode */
export const partitionHash = ({ topic, partition }: { readonly topic: string; readonly partition: number }): number =>
  (Math.imul(31, 31 + partition) + javaHash(topic)) | 0;
