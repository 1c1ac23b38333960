// npm run bench [-- --quick] [--only produce,fetch,…] [--contenders ottla,…] [--rounds N] [--profile] [--strict]
// [--update-readme] [--before path/to/dist/cli.js]
// Ottla, Apache Kafka 4.3.1 and the C floor, in turn, in one run, driven by the same clients. Figures hold for the machine
// that they were measured on; ratios travel better.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopAll } from '../conformance/targets/target.ts';
import { type KafkaJars, kafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { librdkafkaPerformance } from '../conformance/toolchain/librdkafka.ts';
import type { LoneContender, LoneTools } from './alone.ts';
import type { Results } from './bars.ts';
import { type BestOf, loadCases, runCase } from './cases.ts';
import { clientFigures } from './client.ts';
import { type ClusterPartitions, clusterPartitions } from './cluster-partitions.ts';
import { compactionFigures } from './compaction.ts';
import { consumerGroupFigures } from './consumer-groups.ts';
import { compileFloor, compileKfake, type Contender, type ContenderName, startContender } from './contenders.ts';
import { type Drivers, type Latency, latency, prepareDrivers } from './drivers.ts';
import { type FailoverFigures, failoverFigures } from './failover.ts';
import { groupFigures } from './groups.ts';
import { manyPartitions } from './many-partitions.ts';
import { withPart } from './part.ts';
import { residentMegabytes } from './process-cost.ts';
import { hottest } from './profile.ts';
import { afterLoad } from './memory-after.ts';
import { machineLine, report, savedResults, saveResults, updateReadme } from './report.ts';
import { SECURITY_PARTS, securityFigures } from './security/security.ts';
import { shardFigures } from './shards.ts';
import { shareGroupFigures } from './share-groups.ts';
import { coldStarts, inProcessStarts, type StartUp, usedDirectory } from './start-up.ts';

const WORK = join(import.meta.dirname, '.work');
const CONTENDERS: readonly ContenderName[] = ['ottla', 'before', 'ottla-strict', 'apache', 'kfake', 'tansu', 'floor'];
/** Parts that start their own brokers. */
const SMALL_PARTS = [
  'start-up',
  'partitions',
  'groups',
  'consumer groups',
  'share groups',
  'compaction',
  'failover',
  'cluster partitions',
  'shards',
  'client',
  ...SECURITY_PARTS,
];
const IDLE_MS = 3_000;

interface Plan {
  readonly rounds: number;
  readonly largeMegabytes: number;
  readonly smallMegabytes: number;
  readonly requests: number;
  readonly compactionMegabytes: number;
  readonly transactions: number;
  readonly latencyRounds: number;
  readonly latencySeconds: number;
  readonly latencyWarmupSeconds: number;
  readonly starts: number;
}

const FULL: Plan = {
  rounds: 5,
  largeMegabytes: 1_000,
  smallMegabytes: 500,
  requests: 200_000,
  compactionMegabytes: 5_000,
  transactions: 5_000,
  latencyRounds: 3,
  latencySeconds: 20,
  latencyWarmupSeconds: 5,
  starts: 21,
};
/** Under five minutes. */
const QUICK: Plan = {
  rounds: 2,
  largeMegabytes: 400,
  smallMegabytes: 150,
  requests: 40_000,
  compactionMegabytes: 500,
  transactions: 1_000,
  latencyRounds: 2,
  latencySeconds: 5,
  latencyWarmupSeconds: 3,
  starts: 7,
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Options {
  readonly plan: Plan;
  readonly isQuick: boolean;
  /** Parts to run, undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly contenders: readonly ContenderName[];
  /** Where Ottla's CPU profiles go. */
  readonly profiles: string | undefined;
  /** Another build's command line, measured beside this one. */
  readonly before: string | undefined;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      contenders: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      'update-readme': { type: 'boolean', default: false },
      before: { type: 'string' },
    },
  });
  const base = values.quick ? QUICK : FULL;
  const plan = { ...base, rounds: Number(values.rounds ?? base.rounds) };
  const names = values.contenders?.split(',');
  const { before } = values;
  const contenders = CONTENDERS.filter((name) =>
    name === 'before' ? before !== undefined : (names?.includes(name) ?? true),
  );
  const profiles = values.profile ? freshProfiles() : undefined;
  const options = { plan, isQuick: values.quick, only: values.only?.split(','), contenders, profiles, before };
  const results = await bench(options);
  const red = report(results);
  if (profiles !== undefined) process.stdout.write(`\n${hottest(profiles)}\n`);
  const isWhole = [values.only, names, profiles, before].every((one) => one === undefined);
  const isKept = [names, profiles, before].every((one) => one === undefined) && !values.quick;
  if (isWhole) saveResults(results);
  else if (isKept && values['update-readme'])
    saveResults(withPart(savedResults(), results, values.only?.split(',') ?? []));
  if (values['update-readme'] && (isWhole || isKept)) updateReadme();
  return values.strict && red > 0 ? 1 : 0;
}

function freshProfiles(): string {
  const directory = join(WORK, 'profiles');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Whether a part or case called `name` was asked for; `--only produce` takes every case that begins so. */
function wants({ only }: Options, name: string): boolean {
  return only === undefined || only.some((word) => name.startsWith(word));
}

async function bench(options: Options): Promise<Results> {
  const scratch = join(WORK, 'run');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const rdkafka = await librdkafkaPerformance();
  if (typeof rdkafka === 'string') throw new Error(`the driver is missing: ${rdkafka}`);
  const jars = await kafkaJars();
  const drivers = await prepareDrivers(rdkafka, jars, WORK);
  try {
    const small = await smallThings(options, scratch);
    const groups = await eachAlone(options, 'groups', jars, (name, tools) => groupFigures(name, scratch, tools));
    const consumerGroups = await eachAlone(options, 'consumer groups', jars, (name, tools) =>
      consumerGroupFigures(name, scratch, tools),
    );
    const shareGroups = await eachAlone(options, 'share groups', jars, (name, tools) =>
      shareGroupFigures(name, scratch, { ...tools, drivers, megabytes: options.plan.smallMegabytes }),
    );
    const { compactionMegabytes } = options.plan;
    const compaction = await eachAlone(options, 'compaction', jars, (name, tools) =>
      compactionFigures(name, scratch, compactionMegabytes, tools),
    );
    const failover = await failovers(options, drivers, jars, scratch);
    const wide = await widely(options, scratch);
    const shards =
      wants(options, 'shards') && options.contenders.includes('ottla')
        ? await shardFigures(scratch, drivers, options.plan.smallMegabytes)
        : [];
    const client = wants(options, 'client')
      ? await clientFigures(scratch, { jars, nodeFlags: [], cli: undefined })
      : 'not asked for';
    const tools = {
      jars,
      nodeFlags: nodeFlagsOf(options),
      cli: options.before,
      drivers,
      isQuick: options.isQuick,
      say,
    };
    const security = await securityFigures(options.contenders.filter(isLone), scratch, {
      ...tools,
      wants: (part) => wants(options, part),
    });
    const { loads, ...others } = await underLoad(options, drivers, jars, scratch);
    const date = new Date().toISOString().slice(0, 10);
    return {
      machine: machineLine(),
      date,
      isQuick: options.isQuick,
      ...others,
      loads: [...loads, ...security.loads],
      ...small,
      groups,
      consumerGroups,
      shareGroups,
      compaction,
      failover,
      ...(wide !== undefined && { clusterPartitions: wide }),
      shards,
      security: security.figures,
      ...(typeof client !== 'string' && { client }),
    };
  } finally {
    await stopAll();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Three nodes of each, struck in several ways. */
async function failovers(
  options: Options,
  drivers: Drivers,
  jars: KafkaJars | string,
  scratch: string,
): Promise<FailoverFigures[]> {
  const found: FailoverFigures[] = [];
  if (!wants(options, 'failover')) return found;
  for (const name of options.contenders) {
    if (name !== 'ottla' && name !== 'apache') continue;
    say(`failover, ${name}`);
    const tools = { jars, drivers, megabytes: options.plan.smallMegabytes, nodeFlags: nodeFlagsOf(options) };
    const figures = await failoverFigures(name, scratch, tools);
    if (typeof figures === 'string') say(`${name}: left out, ${figures}`);
    else found.push(figures);
  }
  return found;
}

/** Three nodes with many partitions. */
async function widely(options: Options, scratch: string): Promise<ClusterPartitions | undefined> {
  if (!wants(options, 'cluster partitions') || !options.contenders.includes('ottla')) return undefined;
  say('three nodes with 10 topics of 1,000 partitions');
  return clusterPartitions(scratch, nodeFlagsOf(options), (line) => say(`  ${line}`));
}

type SmallThings = Pick<Results, 'coldStarts' | 'inProcess' | 'manyPartitions'>;

/** Before the others are up: a start is measured on a quiet machine. */
async function smallThings(options: Options, scratch: string): Promise<SmallThings> {
  if (!options.contenders.includes('ottla')) return { coldStarts: [], inProcess: [] };
  const others = process.env['OTTLA_BENCH_NODES']?.split(':') ?? [];
  const cold: StartUp[] = [];
  const inProcess: StartUp[] = [];
  if (wants(options, 'start-up')) {
    const directory = join(scratch, 'start-up');
    await usedDirectory(directory);
    for (const node of [process.execPath, ...others]) {
      say(`start-up with ${node}`);
      cold.push(await coldStarts(node, directory, options.plan.starts));
      inProcess.push(await inProcessStarts(node, options.plan.starts));
      if (options.before === undefined) continue;
      const old = join(scratch, 'start-up-before');
      await usedDirectory(old, options.before);
      cold.push(named(await coldStarts(node, old, options.plan.starts, options.before)));
      inProcess.push(named(await inProcessStarts(node, options.plan.starts, options.before)));
    }
  }
  if (!wants(options, 'partitions')) return { coldStarts: cold, inProcess };
  say('10 topics of 1,000 partitions');
  return { coldStarts: cold, inProcess, manyPartitions: await manyPartitions(join(scratch, 'wide')) };
}

const named = (figures: StartUp): StartUp => ({ ...figures, node: `${figures.node}, before` });

/** A part for which each contender starts a broker of its own, one after another. `measure` gives a string to be left out. */
async function eachAlone<T>(
  options: Options,
  part: string,
  jars: KafkaJars | string,
  measure: (name: LoneContender, tools: LoneTools) => Promise<T | string>,
): Promise<T[]> {
  const found: T[] = [];
  if (!wants(options, part)) return found;
  for (const name of options.contenders) {
    if (!isLone(name)) continue;
    say(`${part}, ${name}`);
    const cli = name === 'before' ? options.before : undefined;
    const figures = await measure(name, { jars, nodeFlags: nodeFlagsOf(options), cli });
    if (typeof figures === 'string') say(`${name}: left out, ${figures}`);
    else found.push(figures);
  }
  return found;
}

const isLone = (name: ContenderName): name is LoneContender =>
  name === 'ottla' || name === 'before' || name === 'apache';

/** The profiler writes what it has seen when the process ends in order. */
function nodeFlagsOf({ profiles }: Options): string[] {
  return profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
}

type UnderLoad = Pick<Results, 'loads' | 'latencies' | 'memory'>;

async function underLoad(
  options: Options,
  drivers: Drivers,
  jars: KafkaJars | string,
  scratch: string,
): Promise<UnderLoad> {
  const isAsked = options.only?.some((word) => !SMALL_PARTS.some((part) => part.startsWith(word))) ?? true;
  if (!isAsked) return { loads: [], latencies: [], memory: [] };
  const floor = await compileFloor(WORK);
  const kfake = await compileKfake();
  const contenders: Contender[] = [];
  const nodeFlags = nodeFlagsOf(options);
  for (const name of options.contenders) {
    const started = await startContender(name, scratch, { jars, floor, kfake, nodeFlags, before: options.before });
    if (typeof started === 'string') say(`${name}: left out, ${started}`);
    else contenders.push(started);
  }
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idle = new Map(contenders.map(({ name, broker }) => [name, residentMegabytes(broker.pid)]));
  const latencies = wants(options, 'latency') ? await allLatencies(options.plan, contenders, drivers) : [];
  const lines = readFileSync(drivers.payloadFile, 'utf8').trimEnd().split('\n');
  const jsonBytes = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
  const loads: BestOf[] = [];
  for (const load of loadCases({ ...options.plan, jsonBytes })) {
    if (!wants(options, load.name)) continue;
    say(load.name);
    const found = await runCase(load, contenders, drivers, { rounds: options.plan.rounds, say });
    loads.push(...found);
    for (const b of found) {
      say(`  ${b.contender}: ${b.megabytesPerSecond.toFixed(0)} MB/s, ${b.cpuSecondsPerGigabyte.toFixed(2)} CPU s/GB`);
    }
  }
  const memory = wants(options, 'memory') ? await afterLoad(contenders, drivers, idle, loads, options.plan) : [];
  // Cleanly: a process that is killed writes no profile.
  for (const { broker } of contenders) await broker.stop();
  return { loads, latencies, memory };
}

async function allLatencies(
  plan: Plan,
  contenders: readonly Contender[],
  drivers: Drivers,
): Promise<Results['latencies']> {
  const taking = contenders.filter(({ name }) => name !== 'ottla-strict' && name !== 'floor');
  const best = new Map<ContenderName, Latency>();
  for (let round = 0; round < plan.latencyRounds; round++) {
    for (const contender of round % 2 === 0 ? taking : [...taking].reverse()) {
      const topic = `latency-${round}`;
      await contender.create(topic);
      const pace = { rate: 1_000, seconds: plan.latencySeconds, warmupSeconds: plan.latencyWarmupSeconds };
      const found = await latency(drivers, { bootstrap: contender.broker.bootstrap, topic }, pace);
      await contender.discard(topic);
      say(`latency, ${contender.name}: p50 ${found.p50} p99 ${found.p99} p99.9 ${found.p999} ms`);
      const before = best.get(contender.name);
      if (before === undefined || found.p99 < before.p99) best.set(contender.name, found);
    }
  }
  return [...best].map(([contender, found]) => ({ contender, best: found }));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`stopped by ${signal}`);
    void stopAll().finally(() => process.exit(130));
  });
}
process.exitCode = await main().catch(async (error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  await stopAll();
  return 1;
});
