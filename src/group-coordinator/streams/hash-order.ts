// The order in which Apache Kafka names topics in messages: that of a java.util.HashMap. Messages are compared by clients and
// tests, so the same names stand in the same places here.

const LEAST_BUCKETS = 16;
const LOAD = 0.75;

/** `names`, each once, as a HashMap walks them into which they were put one after the other. */
export function inHashOrder(names: Iterable<string>): string[] {
  const unique = [...new Set(names)];
  let buckets = LEAST_BUCKETS;
  while (unique.length > buckets * LOAD) buckets *= 2;
  const placed = unique.map((name) => ({ name, bucket: spreadHash(name) & (buckets - 1) }));
  // What shares a bucket stays in the order in which it came.
  return placed.sort((one, other) => one.bucket - other.bucket).map(({ name }) => name);
}

/** String.hashCode with its upper half folded into the lower one, as HashMap does it. */
function spreadHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash ^ (hash >>> 16);
}
