// Produce and fetch over TLS, as every other load is measured.

import { join } from 'node:path';
import type { LoneContender, LoneTools } from '../alone.ts';
import { type BestOf, type LoadCase, runCase } from '../cases.ts';
import { type Contender, withTopics } from '../contenders.ts';
import { consume, type Drivers, produceLarge } from '../drivers.ts';
import { startSecured, TLS_SETTINGS } from './secured-target.ts';

const WHO = ['ottla', 'before', 'apache'] as const;

export async function tlsLoads(
  contenders: readonly LoneContender[],
  scratch: string,
  tools: LoneTools & { readonly drivers: Drivers; readonly say: (line: string) => void },
  { megabytes, rounds }: { readonly megabytes: number; readonly rounds: number },
): Promise<BestOf[]> {
  const taking: Contender[] = [];
  for (const name of contenders) {
    const cli = name === 'before' ? tools.cli : undefined;
    const started = await startSecured(name, join(scratch, `tls-${name}`), { ...tools, cli });
    if (typeof started === 'string') continue;
    const { broker, tlsPort } = started;
    const contender = withTopics(name, broker);
    taking.push({ ...contender, broker: { ...broker, bootstrap: `127.0.0.1:${tlsPort}` } });
  }
  const large = { contenders: WHO, valueBytes: 1000, megabytes, settings: TLS_SETTINGS };
  const cases: readonly LoadCase[] = [
    { name: 'TLS produce 1 KB', ...large, drive: (d, s) => produceLarge(d, s, 1) },
    { name: 'TLS fetch 1 KB', ...large, isFetch: true, repeats: 2, drive: consume },
  ];
  const found: BestOf[] = [];
  for (const load of cases) found.push(...(await runCase(load, taking, tools.drivers, { rounds, say: tools.say })));
  for (const { broker } of taking) await broker.stop();
  return found;
}
