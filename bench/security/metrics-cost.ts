// What it costs to be watched: the same loads on brokers with metrics and on brokers without, and what a scrape takes. Two processes of
// one build differ by up to a third, by where their memory lies and by what else the machine does, so each round has fresh ones, and the
// best of the rounds is told: these differences only ever add.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningBroker, type Target } from '../../conformance/targets/target.ts';
import { type LoneTools, targetOf } from '../alone.ts';
import { withTopics } from '../contenders.ts';
import { type Drivers, type LoadResult, type LoadSpec, produceLarge, produceSingle } from '../drivers.ts';
import { cpuSeconds } from '../process-cost.ts';
import { warmPages } from '../warm-pages.ts';

export interface MetricsCost {
  readonly load: string;
  /** The best of the rounds, per record; nobody scrapes meanwhile. */
  readonly offCpuMicros: number;
  readonly onCpuMicros: number;
  /** Of one scrape, when they are frequent. */
  readonly scrapeCpuMs: number;
}

interface MeasuredLoad {
  readonly name: string;
  readonly valueBytes: number;
  readonly count: number;
  readonly drive: (drivers: Drivers, spec: LoadSpec) => Promise<LoadResult>;
}

interface Bench {
  readonly target: Target;
  readonly scratch: string;
  readonly drivers: Drivers;
}

/** Before it counts, a broker does this part of the load. */
const WARM_UP = 0.5;
const SCRAPES = 100;

export async function metricsCost(
  scratch: string,
  tools: LoneTools & { readonly drivers: Drivers },
  { megabytes, requests, rounds }: { readonly megabytes: number; readonly requests: number; readonly rounds: number },
): Promise<MetricsCost[]> {
  const target = targetOf('ottla', tools);
  if (typeof target === 'string') throw new Error(target);
  const bench = { target, scratch: join(scratch, 'metrics'), drivers: tools.drivers };
  const loads: readonly MeasuredLoad[] = [
    { name: '1 KB', valueBytes: 1000, count: megabytes * 1000, drive: (d, s) => produceLarge(d, s, 1) },
    { name: 'single records', valueBytes: 100, count: requests, drive: produceSingle },
  ];
  const found: MetricsCost[] = [];
  for (const load of loads) {
    const off: number[] = [];
    const on: number[] = [];
    const scrapes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const isOn of round % 2 === 0 ? [false, true] : [true, false]) {
        const { cpuMicros, scrapeCpuMs } = await oneBroker(bench, load, isOn);
        (isOn ? on : off).push(cpuMicros);
        if (isOn) scrapes.push(scrapeCpuMs);
      }
    }
    found.push({
      load: load.name,
      offCpuMicros: Math.min(...off),
      onCpuMicros: Math.min(...on),
      scrapeCpuMs: median(scrapes),
    });
  }
  return found;
}

interface Measured {
  readonly cpuMicros: number;
  /** 0 without metrics. */
  readonly scrapeCpuMs: number;
}

/** A broker of its own, warm, then measured. */
async function oneBroker(bench: Bench, load: MeasuredLoad, isOn: boolean): Promise<Measured> {
  const metricsPort = isOn ? await freePort() : -1;
  const properties: Readonly<Record<string, string>> = isOn ? { 'metrics.port': String(metricsPort) } : {};
  const broker = await bench.target.start({ dataDirectory: bench.scratch, bare: true, properties });
  try {
    await underLoad(broker, { ...load, count: load.count * WARM_UP }, 'warm-up', bench);
    const cpuMicros = await underLoad(broker, load, 'measured', bench);
    return { cpuMicros, scrapeCpuMs: isOn ? await scrapeCost(broker, metricsPort) : 0 };
  } finally {
    await broker.stop();
    rmSync(bench.scratch, { recursive: true, force: true });
  }
}

/** CPU of the broker for a record, in microseconds. */
async function underLoad(broker: RunningBroker, load: MeasuredLoad, topic: string, bench: Bench): Promise<number> {
  const contender = withTopics('ottla', broker);
  const { valueBytes, count } = load;
  await contender.create(topic);
  warmPages(bench.drivers.scratch, (count * valueBytes) / 1e6);
  const before = cpuSeconds(broker.pid);
  await load.drive(bench.drivers, { bootstrap: broker.bootstrap, topic, valueBytes, count });
  const cpu = cpuSeconds(broker.pid) - before;
  await contender.discard(topic);
  return (cpu * 1e6) / count;
}

/** CPU of the broker for a scrape that is read to its end, in milliseconds; the first ones do not count. */
async function scrapeCost(broker: RunningBroker, port: number): Promise<number> {
  const scrape = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/metrics`)).arrayBuffer();
  for (let i = 0; i < SCRAPES / 2; i++) await scrape();
  const before = cpuSeconds(broker.pid);
  for (let i = 0; i < SCRAPES; i++) await scrape();
  return ((cpuSeconds(broker.pid) - before) * 1000) / SCRAPES;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
