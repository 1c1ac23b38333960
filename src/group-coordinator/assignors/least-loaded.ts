// Who has the least load, while loads grow: a binary heap. Which of several with the same load comes first follows from the
// order in which they went in and out, in the same way as in Java's PriorityQueue.

export class LeastLoaded<Item> {
  readonly #items: Item[] = [];
  readonly #loadOf: (item: Item) => number;

  constructor(items: Iterable<Item>, loadOf: (item: Item) => number) {
    this.#loadOf = loadOf;
    for (const item of items) this.add(item);
  }

  add(item: Item): void {
    const load = this.#loadOf(item);
    let at = this.#items.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.#items[parent] as Item;
      if (load >= this.#loadOf(above)) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  /** Takes out the one with the least load; its load may change before it is added again. */
  take(): Item | undefined {
    const least = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return least;
  }

  /** Puts `item` where the first one was. */
  #sink(item: Item): void {
    const load = this.#loadOf(item);
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && this.#loadAt(child) > this.#loadAt(child + 1)) child += 1;
      if (load <= this.#loadAt(child)) break;
      this.#items[at] = this.#items[child] as Item;
      at = child;
    }
    this.#items[at] = item;
  }
  #loadAt(at: number): number {
    return this.#loadOf(this.#items[at] as Item);
  }
}
