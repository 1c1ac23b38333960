// What it costs to be watched: the same loads on a broker with metrics and on one without, and what a scrape takes. Two processes of
// one build differ by up to a third, by where their memory lies, and both by what else the machine does. So each round has a fresh pair,
// alive at once and loaded in turns; the pair says how much more the one costs, and the median of all pairs is told.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningBroker, type Target } from '../../conformance/targets/target.ts';
import { type LoneTools, targetOf } from '../alone.ts';
import { withTopics } from '../contenders.ts';
import { type Drivers, type LoadResult, type LoadSpec, produceLarge, produceSingle } from '../drivers.ts';
import { cpuSeconds, scheduledSeconds } from '../process-cost.ts';
import { warmPages } from '../warm-pages.ts';

export interface MetricsCost {
  readonly load: string;
  /** Of a broker, per record: the median of the rounds; nobody scrapes meanwhile. */
  readonly offCpuMicros: number;
  /** That, times the median of what the pairs say. */
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

/** Turns of each broker of a pair; before they count, it has had one of half of what they do together. */
const TURNS = 10;
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
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round++) pairs.push(await onePair(bench, load, round % 2 === 1));
    const offCpuMicros = median(pairs.map(({ off }) => off));
    found.push({
      load: load.name,
      offCpuMicros,
      onCpuMicros: offCpuMicros * median(pairs.map(({ off, on }) => on / off)),
      scrapeCpuMs: median(pairs.map(({ scrapeCpuMs }) => scrapeCpuMs)),
    });
  }
  return found;
}

interface Pair {
  /** CPU for a record, in microseconds. */
  readonly off: number;
  readonly on: number;
  readonly scrapeCpuMs: number;
}

/** Two fresh brokers, warm, then loaded in turns. */
async function onePair(bench: Bench, load: MeasuredLoad, isOnFirst: boolean): Promise<Pair> {
  const metricsPort = await freePort();
  const start = (name: string, properties: Readonly<Record<string, string>>): Promise<RunningBroker> =>
    bench.target.start({ dataDirectory: join(bench.scratch, name), bare: true, properties });
  const brokers: RunningBroker[] = [];
  try {
    for (const isOn of [isOnFirst, !isOnFirst])
      brokers.push(await start(String(isOn), isOn ? { 'metrics.port': String(metricsPort) } : {}));
    const [first, second] = brokers as [RunningBroker, RunningBroker];
    const [on, off] = isOnFirst ? [first, second] : [second, first];
    const turn = { ...load, count: Math.ceil(load.count / TURNS) };
    for (const broker of brokers) await underLoad(broker, { ...load, count: load.count / 2 }, 'warm-up', bench);
    const micros = new Map<RunningBroker, number[]>(brokers.map((broker) => [broker, []]));
    for (let at = 0; at < TURNS; at++) {
      for (const broker of at % 2 === 0 ? brokers : brokers.toReversed())
        micros.get(broker)?.push(await underLoad(broker, turn, `measured-${at}`, bench));
    }
    const of = (broker: RunningBroker): number => median(micros.get(broker) ?? []);
    return { off: of(off), on: of(on), scrapeCpuMs: await scrapeCost(on, metricsPort) };
  } finally {
    for (const broker of brokers) await broker.stop();
    rmSync(bench.scratch, { recursive: true, force: true });
  }
}

/** CPU of the broker for a record, in microseconds. */
async function underLoad(broker: RunningBroker, load: MeasuredLoad, topic: string, bench: Bench): Promise<number> {
  const contender = withTopics('ottla', broker);
  const { valueBytes, count } = load;
  await contender.create(topic);
  warmPages(bench.drivers.scratch, (count * valueBytes) / 1e6);
  const before = scheduledSeconds(broker.pid);
  await load.drive(bench.drivers, { bootstrap: broker.bootstrap, topic, valueBytes, count });
  const cpu = scheduledSeconds(broker.pid) - before;
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
