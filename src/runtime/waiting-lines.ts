// Work of which some has to wait, while the order of all work with one key is kept: whoever comes to a key at which somebody
// waits stands in line behind. Keys do not wait for each other. Nothing is kept for a key at which nobody waits.

/** A piece of work that stands in line. */
export interface Turn {
  /** Does what can be done now: undefined when all is done, else the promise behind which it goes on. Neither ever fails. */
  attempt(): Promise<unknown> | undefined;
}

export class WaitingLines<K> {
  /** Only lines in which somebody waits; the first of each is the one that is being waited for. */
  readonly #lines = new Map<K, Turn[]>();

  /** Keys at which somebody waits. */
  get size(): number {
    return this.#lines.size;
  }

  /** Whether who comes now has to stand in line. */
  isHeld(key: K): boolean {
    return this.#lines.has(key);
  }

  /** Puts `turn` last in the line of `key`; where there is no line it goes at once. */
  add(key: K, turn: Turn): void {
    const line = this.#lines.get(key);
    if (line !== undefined) {
      line.push(turn);
      return;
    }
    const wait = turn.attempt();
    if (wait === undefined) return;
    this.#lines.set(key, [turn]);
    this.#goAfter(wait, key);
  }

  #goAfter(wait: Promise<unknown>, key: K): void {
    void wait.then(() => this.#go(key));
  }

  #go(key: K): void {
    const line = this.#lines.get(key) as Turn[];
    for (let turn = line[0]; turn !== undefined; turn = line[0]) {
      const wait = turn.attempt();
      if (wait !== undefined) return this.#goAfter(wait, key);
      line.shift();
    }
    this.#lines.delete(key);
  }
}
