// Which seed finds a deliberate bug, in the world that is aimed at it or in one that is drawn as all others are.
import type { Mutation } from './mutations.ts';
import { type ClusterPlan, planOf } from './plan.ts';
import { run } from './world.ts';

export type Worlds = 'aimed' | 'drawn';

export interface Finding {
  readonly seed: number;
  readonly worlds: Worlds;
  readonly words: string;
}

/** The first that does, each seed with the worlds in their order; undefined: none of them. */
export async function findMutation(
  mutation: Mutation,
  from: number,
  to: number,
  worlds: readonly Worlds[],
): Promise<Finding | undefined> {
  const remove = mutation.plant();
  try {
    for (let seed = from; seed <= to; seed++) {
      for (const one of worlds) {
        const { violation } = await run(planIn(one, mutation, seed));
        if (violation !== undefined) return { seed, worlds: one, words: violation.message.split('\n', 1).join() };
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return undefined;
  } finally {
    remove();
  }
}

function planIn(worlds: Worlds, { aim, topologies, clients }: Mutation, seed: number): ClusterPlan {
  return worlds === 'aimed' ? aim(seed) : { ...planOf(seed, topologies), ...clients };
}
