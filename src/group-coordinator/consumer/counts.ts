// How many members have something in common, by its name.
import { hashOrderOfTexts } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';

/** The name with the highest count; of several the first in `order`, which is as Java's HashMap has them where it is left out. */
export function mostOf(
  counts: ReadonlyMap<string, number>,
  order: readonly string[] = hashOrderOfTexts(counts.keys()),
): string | undefined {
  let [chosen, most]: [string | undefined, number] = [undefined, 0];
  for (const name of order) {
    const count = counts.get(name) ?? 0;
    if (count > most) [chosen, most] = [name, count];
  }
  return chosen;
}

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
