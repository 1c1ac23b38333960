// An immutable map with string keys that shares structure with its ancestors: a hash array mapped trie, 32 ways a level.
// A change copies the few nodes on the way to its leaf, so that an image of 10,000 topics is not copied when one is made.
// Iteration order follows the hashes: the same for the same keys however they came in, but of no meaning.

interface Leaf<V> {
  readonly bitmap: 0;
  readonly hash: number;
  readonly key: string;
  readonly value: V;
  /** The next key with the very same hash. */
  readonly next: Leaf<V> | undefined;
}

interface Branch<V> {
  /** Which of the 32 children exist; never 0. */
  readonly bitmap: number;
  readonly children: readonly (Leaf<V> | Branch<V>)[];
}

type Node<V> = Leaf<V> | Branch<V>;

const BITS_PER_LEVEL = 5;
const LEVEL_MASK = 31;

export class PersistentMap<V> implements Iterable<[string, V]> {
  static readonly #empty = new PersistentMap<never>(undefined, 0);

  readonly size: number;
  readonly #root: Node<V> | undefined;

  private constructor(root: Node<V> | undefined, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<V>(): PersistentMap<V> {
    return PersistentMap.#empty as PersistentMap<V>;
  }

  get(key: string): V | undefined {
    const hash = hashOf(key);
    let node = this.#root;
    for (let shift = 0; node !== undefined; shift += BITS_PER_LEVEL) {
      if (isLeaf(node)) return valueIn(node, key);
      const bit = bitAt(hash, shift);
      if ((node.bitmap & bit) === 0) return undefined;
      node = node.children[indexOf(node.bitmap, bit)];
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A map that differs by this entry. A value may not be undefined. */
  set(key: string, value: V): PersistentMap<V> {
    const isNew = !this.has(key);
    const leaf: Leaf<V> = { bitmap: 0, hash: hashOf(key), key, value, next: undefined };
    const root = this.#root === undefined ? leaf : withLeaf(this.#root, leaf, 0);
    return new PersistentMap(root, isNew ? this.size + 1 : this.size);
  }

  delete(key: string): PersistentMap<V> {
    if (this.#root === undefined || !this.has(key)) return this;
    return new PersistentMap(withoutKey(this.#root, hashOf(key), key, 0), this.size - 1);
  }

  /** Every entry of `changes` set, or deleted where it is null; this very map when there are none. */
  withChanges(changes: ReadonlyMap<string, V | null>): PersistentMap<V> {
    return [...changes].reduce<PersistentMap<V>>(
      (after, [key, value]) => (value === null ? after.delete(key) : after.set(key, value)),
      this,
    );
  }

  *[Symbol.iterator](): Generator<[string, V]> {
    if (this.#root !== undefined) yield* entriesOf(this.#root);
  }

  entries(): Generator<[string, V]> {
    return this[Symbol.iterator]();
  }

  *keys(): Generator<string> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<V> {
    for (const [, value] of this) yield value;
  }

  forEach(action: (value: V, key: string) => void): void {
    if (this.#root !== undefined) visit(this.#root, action);
  }
}

/** FNV-1a over the UTF-16 units, with a final mix so that short keys spread over the upper bits too. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

const isLeaf = <V>(node: Node<V>): node is Leaf<V> => node.bitmap === 0;
const bitAt = (hash: number, shift: number): number => 1 << ((hash >>> shift) & LEVEL_MASK);

/** Where the child of `bit` stands among those that exist: the number of lower bits that are set. */
function indexOf(bitmap: number, bit: number): number {
  let below = bitmap & (bit - 1);
  below -= (below >>> 1) & 0x55555555;
  below = (below & 0x33333333) + ((below >>> 2) & 0x33333333);
  return Math.imul((below + (below >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function valueIn<V>(first: Leaf<V>, key: string): V | undefined {
  for (let leaf: Leaf<V> | undefined = first; leaf !== undefined; leaf = leaf.next) {
    if (leaf.key === key) return leaf.value;
  }
  return undefined;
}

function chainWithout<V>(first: Leaf<V> | undefined, key: string): Leaf<V> | undefined {
  if (first === undefined) return undefined;
  if (first.key === key) return first.next;
  return { ...first, next: chainWithout(first.next, key) };
}

function withLeaf<V>(node: Node<V>, leaf: Leaf<V>, shift: number): Node<V> {
  if (isLeaf(node)) {
    if (node.hash === leaf.hash) return { ...leaf, next: chainWithout(node, leaf.key) };
    const lifted: Branch<V> = { bitmap: bitAt(node.hash, shift), children: [node] };
    return withLeaf(lifted, leaf, shift);
  }
  const bit = bitAt(leaf.hash, shift);
  const index = indexOf(node.bitmap, bit);
  const children = node.children.slice();
  if ((node.bitmap & bit) === 0) children.splice(index, 0, leaf);
  else children[index] = withLeaf(children[index] as Node<V>, leaf, shift + BITS_PER_LEVEL);
  return { bitmap: node.bitmap | bit, children };
}

/** The node without a key that it is known to hold; undefined when nothing is left. */
function withoutKey<V>(node: Node<V>, hash: number, key: string, shift: number): Node<V> | undefined {
  if (isLeaf(node)) return chainWithout(node, key);
  const bit = bitAt(hash, shift);
  const index = indexOf(node.bitmap, bit);
  const child = withoutKey(node.children[index] as Node<V>, hash, key, shift + BITS_PER_LEVEL);
  const children = node.children.slice();
  if (child === undefined) {
    if (children.length === 1) return undefined;
    children.splice(index, 1);
  } else {
    children[index] = child;
  }
  // A branch with one leaf is that leaf: the shape depends on the keys alone, and so does the order of iteration.
  if (children.length === 1 && isLeaf(children[0] as Node<V>)) return children[0];
  return { bitmap: child === undefined ? node.bitmap & ~bit : node.bitmap, children };
}

function* entriesOf<V>(node: Node<V>): Generator<[string, V]> {
  if (isLeaf(node)) {
    for (let leaf: Leaf<V> | undefined = node; leaf !== undefined; leaf = leaf.next) yield [leaf.key, leaf.value];
    return;
  }
  for (const child of node.children) yield* entriesOf(child);
}

function visit<V>(node: Node<V>, action: (value: V, key: string) => void): void {
  if (isLeaf(node)) {
    for (let leaf: Leaf<V> | undefined = node; leaf !== undefined; leaf = leaf.next) action(leaf.value, leaf.key);
    return;
  }
  for (const child of node.children) visit(child, action);
}
