// Which seed finds a deliberate bug.
import type { Mutation } from './mutations.ts';
import { planOf } from './plan.ts';
import { run } from './world.ts';

export async function findMutation(
  mutation: Mutation,
  from: number,
  to: number,
): Promise<{ readonly seed: number; readonly words: string } | undefined> {
  const remove = mutation.plant();
  try {
    for (let seed = from; seed <= to; seed++) {
      const { violation } = await run({ ...planOf(seed, mutation.topologies), ...mutation.clients });
      if (violation !== undefined) return { seed, words: violation.message.split('\n', 1).join() };
      await new Promise((resolve) => setImmediate(resolve));
    }
    return undefined;
  } finally {
    remove();
  }
}
