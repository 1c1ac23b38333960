// npx tsx bench/beside-before.ts path/to/dist/cli.js [--pairs 7] [--only produce,fetch]
// What a change costs: this build beside another one. Two processes of one and the same build differ by up to a fifth, by where
// their memory lies, so each pair has fresh ones, in alternating order; a round that does not count, then one that does. The
// median of the pairs is told, with the lowest and the highest.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopAll } from '../conformance/targets/target.ts';
import { kafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { librdkafkaPerformance } from '../conformance/toolchain/librdkafka.ts';
import { type LoadCase, loadCases, type Measured, runCase } from './cases.ts';
import { startContender } from './contenders.ts';
import { type Drivers, prepareDrivers } from './drivers.ts';
import { residentMegabytes } from './process-cost.ts';
import { machineLine } from './report.ts';

const WORK = join(import.meta.dirname, '.work');
const SCRATCH = join(WORK, 'beside');
const PAIR = ['ottla', 'before'] as const;
const SCALE = { largeMegabytes: 1_000, smallMegabytes: 300, requests: 100_000, transactions: 2_000, jsonBytes: 1_000 };
/** Those whose driver is one of C: a JVM's own compiler makes the pair differ. */
const CASES = /^(produce (1 KB|100 B|lz4$|single)|transactions|fetch)/;

type Side = (typeof PAIR)[number];
/** By case, by side: a figure of each pair. */
type Figures = Map<string, Record<Side, number[]>>;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { pairs: { type: 'string', default: '7' }, only: { type: 'string' } },
    allowPositionals: true,
  });
  const [before] = positionals;
  if (before === undefined) throw new Error('which build? Name its dist/cli.js');
  const rdkafka = await librdkafkaPerformance();
  if (typeof rdkafka === 'string') throw new Error(`the driver is missing: ${rdkafka}`);
  const drivers = await prepareDrivers(rdkafka, await kafkaJars(), WORK);
  const only = values.only?.split(',');
  let cases: readonly LoadCase[] = loadCases(SCALE).filter(
    ({ name }) => CASES.test(name) && (only?.some((word) => name.startsWith(word)) ?? true),
  );
  const figures: Figures = new Map();
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    say(`pair ${pair + 1} of ${values.pairs}`);
    const served = await onePair(pair, { before, cases, drivers, figures });
    for (const { name } of cases.filter((load) => !served.includes(load))) {
      say(
        `${name}: one of them does not serve it, and the other one's memory shall not tell of it: left out from here on`,
      );
    }
    cases = served;
  }
  print(figures);
}

interface Task {
  readonly before: string;
  readonly cases: readonly LoadCase[];
  readonly drivers: Drivers;
  readonly figures: Figures;
}

/** Both started afresh; which first changes from pair to pair. Returns the cases that both serve. */
async function onePair(pair: number, { before, cases, drivers, figures }: Task): Promise<LoadCase[]> {
  rmSync(SCRATCH, { recursive: true, force: true });
  mkdirSync(SCRATCH, { recursive: true });
  const contenders = [];
  for (const side of pair % 2 === 0 ? PAIR : [...PAIR].reverse()) {
    const tools = { jars: '', floor: undefined, kfake: undefined, nodeFlags: [], before };
    const started = await startContender(side, SCRATCH, tools);
    if (typeof started === 'string') throw new Error(started);
    contenders.push(started);
  }
  try {
    const served: LoadCase[] = [];
    for (const load of cases) {
      const found = await runCase(load, contenders, drivers, { rounds: 1, say });
      if (found.length < contenders.length) continue;
      served.push(load);
      for (const { contender, rounds } of found) {
        const { cpuMicrosPerRecord } = rounds[0] as Measured;
        add(figures, `${load.name}, CPU us a record`, contender as Side, cpuMicrosPerRecord);
      }
    }
    for (const { name, broker } of contenders) {
      add(figures, 'RSS after all of it, MB', name as Side, residentMegabytes(broker.pid));
      await broker.stop();
    }
    return served;
  } finally {
    await stopAll();
    rmSync(SCRATCH, { recursive: true, force: true });
  }
}

function add(figures: Figures, what: string, side: Side, value: number): void {
  let sides = figures.get(what);
  if (sides === undefined) figures.set(what, (sides = { ottla: [], before: [] }));
  sides[side].push(value);
}

function print(figures: Figures): void {
  console.log(`\n${machineLine()}\n`);
  for (const [what, { ottla, before }] of figures) {
    const ratio = median(ottla) / median(before);
    console.log(`${what.padEnd(48)} ${told(ottla)}   before ${told(before)}   ${ratio.toFixed(3)} x`);
  }
}

const told = (values: readonly number[]): string =>
  `${median(values).toPrecision(4)} (${Math.min(...values).toPrecision(3)} to ${Math.max(...values).toPrecision(3)})`;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  await stopAll();
  process.exitCode = 1;
}
