// How many members have something in common, by its name.
import { assert } from '../../runtime/index.ts';

export class Counts {
  readonly #counts = new Map<string, number>();

  get all(): ReadonlyMap<string, number> {
    return this.#counts;
  }
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
  /** A member that has it comes (1) or goes (-1). */
  count(name: string, change: 1 | -1): void {
    const now = this.of(name) + change;
    assert(now >= 0, 'nothing is had by fewer members than none');
    if (now === 0) this.#counts.delete(name);
    else this.#counts.set(name, now);
  }
}
