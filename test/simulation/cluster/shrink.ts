// Cuts a plan that fails to a short one that still breaks the same promise: faults are left out in ever smaller parts (ddmin), then
// clients, then the rest of the time.
import type { ClusterPlan, Fault } from './plan.ts';
import { run } from './world.ts';

const MOST_RUNS = 120;

export async function shrink(plan: ClusterPlan, promise: string): Promise<ClusterPlan> {
  let best = plan;
  let runs = 0;
  const stillFails = async (candidate: ClusterPlan): Promise<boolean> => {
    if (runs++ >= MOST_RUNS) return false;
    const { violation } = await run(candidate);
    if (violation?.promise !== promise) return false;
    best = candidate;
    return true;
  };
  await withoutFaults(() => best, stillFails);
  for (const key of ['transactions', 'members', 'workers', 'moderns', 'sharers', 'consumers', 'producers'] as const) {
    for (const fewer of [0, 1]) if (best[key] > fewer && (await stillFails({ ...best, [key]: fewer }))) break;
  }
  if (best.rareShare > 0) await stillFails({ ...best, rareShare: 0 });
  while (best.safetyMs > 3_000 && (await stillFails({ ...best, safetyMs: Math.floor(best.safetyMs / 1.5) }))) continue;
  return best;
}

async function withoutFaults(
  best: () => ClusterPlan,
  stillFails: (candidate: ClusterPlan) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.max(1, best().faults.length); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best().faults.length; ) {
      const faults: Fault[] = [...best().faults];
      faults.splice(at, size);
      if (!(await stillFails({ ...best(), faults }))) at += size;
    }
  }
}
