// What a model draws: the right value mostly, a wrong one now and then.
import type { Random } from '../draws.ts';

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export class Chances {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(count: number): number {
    return this.#random(count);
  }
  of<T>(items: readonly T[]): T {
    return items[this.#random(items.length)] as T;
  }
  once(inSoMany: number): boolean {
    return this.#random(inSoMany) === 0;
  }
  /** `right`, but once in so many times one of the others. */
  mostly<T>(right: T, inSoMany: number, wrong: readonly T[]): T {
    return this.once(inSoMany) ? this.of(wrong) : right;
  }
  version(low: number, high: number): number {
    return low + this.#random(high - low + 1);
  }
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.once(2));
  }
  /** Draws a key by its weight. */
  weighed<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.#random(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [key, weight] of entries) {
      if (left < weight) return key;
      left -= weight;
    }
    return entries[0]?.[0] as K;
  }
}
