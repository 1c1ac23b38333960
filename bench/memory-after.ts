// What a broker holds of memory when it has been through the large loads: as much is sent to each, whatever cases it took part in.

import type { BestOf } from './cases.ts';
import type { Contender, ContenderName } from './contenders.ts';
import { type Drivers, produceLarge } from './drivers.ts';
import { residentMegabytes } from './process-cost.ts';
import type { Results } from './bars.ts';

const MEMORY_AFTER_MEGABYTES = 5_000;

/** Tops the load up to five gigabytes where the cases gave less, and weighs the brokers then. */
export async function afterLoad(
  contenders: readonly Contender[],
  drivers: Drivers,
  idle: ReadonlyMap<ContenderName, number>,
  loads: readonly BestOf[],
  plan: { readonly rounds: number; readonly largeMegabytes: number },
): Promise<Results['memory']> {
  const memory: Results['memory'][number][] = [];
  for (const contender of contenders.filter(({ name }) => name !== 'ottla-strict')) {
    const cases = loads.filter((load) => load.contender === contender.name && load.case.includes(' 1 KB'));
    const megabytes = cases.length * (plan.rounds + 1) * plan.largeMegabytes;
    const missing = Math.max(0, MEMORY_AFTER_MEGABYTES - megabytes);
    for (let left = missing; left > 0; left -= 1_000) {
      await contender.create('top-up');
      const spec = { bootstrap: contender.broker.bootstrap, topic: 'top-up', valueBytes: 1_000 };
      await produceLarge(drivers, { ...spec, count: Math.min(left, 1_000) * 1_000 }, 1);
      await contender.discard('top-up');
    }
    memory.push({
      contender: contender.name,
      idleMegabytes: idle.get(contender.name) ?? 0,
      afterMegabytes: residentMegabytes(contender.broker.pid),
      gigabytes: (megabytes + missing) / 1_000,
    });
  }
  return memory;
}
