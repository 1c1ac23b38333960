// What it costs to be watched: the same loads on a broker whose metrics are scraped every second, and on one that has none.

import { join } from 'node:path';
import { freePort, type RunningBroker } from '../../conformance/targets/target.ts';
import { type LoneTools, targetOf } from '../alone.ts';
import { withTopics } from '../contenders.ts';
import { type Drivers, type LoadResult, type LoadSpec, produceLarge, produceSingle } from '../drivers.ts';
import { cpuSeconds } from '../process-cost.ts';
import { warmPages } from '../warm-pages.ts';

export interface MetricsCost {
  readonly load: string;
  /** Least of the rounds, per record. */
  readonly offCpuMicros: number;
  readonly onCpuMicros: number;
}

interface MeasuredLoad {
  readonly name: string;
  readonly valueBytes: number;
  readonly count: number;
  readonly drive: (drivers: Drivers, spec: LoadSpec) => Promise<LoadResult>;
}

const SCRAPED_EVERY_MS = 1_000;

export async function metricsCost(
  scratch: string,
  tools: LoneTools & { readonly drivers: Drivers },
  { megabytes, requests, rounds }: { readonly megabytes: number; readonly requests: number; readonly rounds: number },
): Promise<MetricsCost[]> {
  const target = targetOf('ottla', tools);
  if (typeof target === 'string') throw new Error(target);
  const metricsPort = await freePort();
  const start = (name: string, properties: Readonly<Record<string, string>>): Promise<RunningBroker> =>
    target.start({ dataDirectory: join(scratch, name), bare: true, properties });
  const off = await start('metrics-off', {});
  const on = await start('metrics-on', { 'metrics.port': String(metricsPort) });
  const scraping = setInterval(() => void scrape(metricsPort), SCRAPED_EVERY_MS);
  try {
    const found: MetricsCost[] = [];
    const loads: readonly MeasuredLoad[] = [
      { name: '1 KB', valueBytes: 1000, count: megabytes * 1000, drive: (d, s) => produceLarge(d, s, 1) },
      { name: 'single records', valueBytes: 100, count: requests, drive: produceSingle },
    ];
    for (const load of loads) {
      const least = { off: Number.POSITIVE_INFINITY, on: Number.POSITIVE_INFINITY };
      for (let round = 0; round <= rounds; round++) {
        for (const which of round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
          const micros = await measured(which === 'on' ? on : off, load, `load-${round}`, tools.drivers);
          if (round > 0) least[which] = Math.min(least[which], micros);
        }
      }
      found.push({ load: load.name, offCpuMicros: least.off, onCpuMicros: least.on });
    }
    return found;
  } finally {
    clearInterval(scraping);
    await Promise.all([off.stop(), on.stop()]);
  }
}

/** Read to its end, as Prometheus does. */
async function scrape(port: number): Promise<void> {
  await fetch(`http://127.0.0.1:${port}/metrics`)
    .then((answer) => answer.arrayBuffer())
    .catch(() => undefined);
}

async function measured(broker: RunningBroker, load: MeasuredLoad, topic: string, drivers: Drivers): Promise<number> {
  const contender = withTopics('ottla', broker);
  const { valueBytes, count } = load;
  await contender.create(topic);
  warmPages(drivers.scratch, (count * valueBytes) / 1e6);
  const before = cpuSeconds(broker.pid);
  await load.drive(drivers, { bootstrap: broker.bootstrap, topic, valueBytes, count });
  const cpu = cpuSeconds(broker.pid) - before;
  await contender.discard(topic);
  return (cpu * 1e6) / count;
}
