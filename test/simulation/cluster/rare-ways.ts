// Which rare ways a seed takes: each name is on or off for the whole run, and taken now and then when it is on.
import type { Rare } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import type { ClusterPlan } from './plan.ts';

const TAKEN = 0.2;

export class RareWays implements Rare {
  /** How often each was taken, in all runs of this process. */
  static readonly taken = new Map<string, number>();
  readonly #plan: ClusterPlan;
  readonly #random: SeededRandom;
  readonly #isOn = new Map<string, boolean>();

  constructor(plan: ClusterPlan) {
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed, 'rare');
  }

  happens(name: string): boolean {
    if (this.#plan.rareShare === 0) return false;
    let isOn = this.#isOn.get(name);
    if (isOn === undefined) {
      isOn = new SeededRandom(this.#plan.seed, name).next() < this.#plan.rareShare;
      this.#isOn.set(name, isOn);
    }
    if (!isOn || this.#random.next() >= TAKEN) return false;
    RareWays.taken.set(name, (RareWays.taken.get(name) ?? 0) + 1);
    return true;
  }
}
