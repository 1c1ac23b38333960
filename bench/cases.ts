// The loads, what each is measured by, and the rounds: every contender in turn, the order alternating, the best kept.

import { WireConnection } from '../conformance/wire/connection.ts';
import { apiVersions } from '../conformance/wire/requests.ts';
import type { Contender, ContenderName } from './contenders.ts';
import {
  consume,
  type Drivers,
  type LoadResult,
  type LoadSpec,
  produceJava,
  produceLarge,
  produceSingle,
  transactions,
} from './drivers.ts';
import { cpuSeconds } from './process-cost.ts';
import { warmPages } from './warm-pages.ts';

export interface LoadCase {
  readonly name: string;
  readonly contenders: readonly ContenderName[];
  readonly valueBytes: number;
  /** Uncompressed payload of one round; a single-record case gives `requests`. */
  readonly megabytes?: number;
  readonly requests?: number;
  /** The topic is filled once, by large batches, and read in every round. */
  readonly isFetch?: boolean;
  /** How often a round drives it: CPU is counted in steps of 10 ms, and reading a gigabyte takes few of them. */
  readonly repeats?: number;
  /** Left out where the broker does not advertise this API key: the client would quietly do something else. */
  readonly needsApi?: number;
  /** Of librdkafka, for filling and driving. */
  readonly settings?: readonly string[];
  drive(drivers: Drivers, spec: LoadSpec): Promise<LoadResult>;
}

/** The mean length of a record in the payload file, found when it is made. */
export interface Scale {
  readonly largeMegabytes: number;
  readonly smallMegabytes: number;
  readonly requests: number;
  readonly transactions: number;
  readonly jsonBytes: number;
}

const FIND_COORDINATOR = 10;
const END_TXN = 26;

const US: readonly ContenderName[] = ['ottla', 'before', 'apache', 'kfake', 'tansu', 'floor'];
const BOTH_VALIDATIONS: readonly ContenderName[] = [
  'ottla',
  'before',
  'ottla-strict',
  'apache',
  'kfake',
  'tansu',
  'floor',
];

export function loadCases(scale: Scale): readonly LoadCase[] {
  const large = { valueBytes: 1000, megabytes: scale.largeMegabytes };
  const small = { valueBytes: 100, megabytes: scale.smallMegabytes };
  return [
    { name: 'produce 1 KB acks=1', contenders: US, ...large, drive: (d, s) => produceLarge(d, s, 1) },
    { name: 'produce 1 KB acks=all', contenders: US, ...large, drive: (d, s) => produceLarge(d, s, -1) },
    { name: 'produce 100 B acks=1', contenders: US, ...small, drive: (d, s) => produceLarge(d, s, 1) },
    { name: 'produce 100 B acks=all', contenders: US, ...small, drive: (d, s) => produceLarge(d, s, -1) },
    {
      name: 'produce lz4',
      contenders: BOTH_VALIDATIONS,
      ...large,
      repeats: 4,
      // librdkafka compresses with lz4 only for brokers that have it, and without it sends plain batches.
      needsApi: FIND_COORDINATOR,
      drive: (d, s) => produceLarge(d, s, 1, 'lz4'),
    },
    {
      name: 'produce lz4 JSON (Java)',
      contenders: ['ottla', 'before', 'ottla-strict', 'apache', 'kfake', 'tansu'],
      valueBytes: scale.jsonBytes,
      megabytes: scale.largeMegabytes,
      drive: produceJava,
    },
    { name: 'produce single record', contenders: US, valueBytes: 100, requests: scale.requests, drive: produceSingle },
    {
      name: 'transactions of 1 record',
      contenders: ['ottla', 'before', 'apache', 'kfake', 'tansu'],
      valueBytes: 100,
      requests: scale.transactions,
      needsApi: END_TXN,
      drive: (d, s) => transactions(d, s, 1),
    },
    {
      name: 'transactions of 1,000 records',
      contenders: ['ottla', 'before', 'apache', 'kfake', 'tansu'],
      valueBytes: 100_000,
      requests: Math.ceil(scale.transactions / 5),
      needsApi: END_TXN,
      drive: (d, s) => transactions(d, s, 1_000),
    },
    { name: 'fetch 1 KB', contenders: US, ...large, isFetch: true, repeats: 4, drive: consume },
  ];
}

export interface Measured {
  readonly contender: ContenderName;
  readonly round: number;
  readonly megabytesPerSecond: number;
  readonly recordsPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
  readonly cpuMicrosPerRecord: number;
}

export interface BestOf {
  readonly case: string;
  readonly contender: ContenderName;
  readonly megabytesPerSecond: number;
  readonly recordsPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
  readonly cpuMicrosPerRecord: number;
  readonly rounds: readonly Measured[];
}

const FILL_BYTES = 1000;

/** Brokers in memory that nobody here can mend: a case in which one fails goes on without it. */
const MAY_FAIL: ReadonlySet<ContenderName> = new Set(['kfake', 'tansu']);

/** One unmeasured round and `rounds` measured ones. `say` is told of who drops out. */
export async function runCase(
  load: LoadCase,
  contenders: readonly Contender[],
  drivers: Drivers,
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<readonly BestOf[]> {
  let taking: Contender[] = [];
  const without = (contender: Contender, error: unknown): void => {
    if (!MAY_FAIL.has(contender.name)) throw error;
    say(`  ${contender.name}: left out, ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`);
    taking = taking.filter((one) => one !== contender);
  };
  for (const contender of contenders.filter(({ name }) => load.contenders.includes(name))) {
    if (await canTake(contender, load)) taking.push(contender);
  }
  const slug = load.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  if (load.isFetch === true) {
    for (const contender of taking) {
      await fill(contender, `${slug}-data`, load, drivers).catch((error: unknown) => without(contender, error));
    }
  }
  const measured: Measured[] = [];
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? taking : [...taking].reverse();
    for (const contender of order) {
      const topic = load.isFetch === true ? `${slug}-data` : `${slug}-${round}`;
      if (!taking.includes(contender)) continue;
      try {
        const result = await measure(load, contender, topic, drivers, round);
        if (round > 0) measured.push(result);
      } catch (error) {
        without(contender, error);
      }
    }
  }
  if (load.isFetch === true) for (const contender of taking) await contender.discard(`${slug}-data`);
  return taking.map(({ name }) => best(load.name, name, measured));
}

async function canTake({ broker }: Contender, { needsApi }: LoadCase): Promise<boolean> {
  if (needsApi === undefined) return true;
  const connection = await WireConnection.open(broker.bootstrap);
  const advertised = await apiVersions(connection);
  await connection.close();
  return advertised.has(needsApi);
}

function countOf(load: LoadCase): number {
  return load.requests ?? Math.floor(((load.megabytes ?? 0) * 1_000_000) / load.valueBytes);
}

async function fill(contender: Contender, topic: string, load: LoadCase, drivers: Drivers): Promise<void> {
  await contender.create(topic);
  const { settings = [] } = load;
  const spec = { bootstrap: contender.broker.bootstrap, topic, valueBytes: FILL_BYTES, count: countOf(load), settings };
  await produceLarge(drivers, spec, 1);
}

async function measure(
  load: LoadCase,
  contender: Contender,
  topic: string,
  drivers: Drivers,
  round: number,
): Promise<Measured> {
  const { broker, name } = contender;
  if (load.isFetch !== true) await contender.create(topic);
  const count = countOf(load);
  const { valueBytes, settings = [] } = load;
  const spec = { bootstrap: broker.bootstrap, topic, valueBytes, count, settings };
  const repeats = load.repeats ?? 1;
  if (load.isFetch !== true) warmPages(drivers.scratch, (count * load.valueBytes * repeats) / 1e6);
  const before = cpuSeconds(broker.pid);
  let result = await load.drive(drivers, spec);
  for (let i = 1; i < repeats; i++) result = faster(result, await load.drive(drivers, spec));
  const cpu = (cpuSeconds(broker.pid) - before) / repeats;
  if (load.isFetch !== true) await contender.discard(topic);
  return {
    contender: name,
    round,
    ...result,
    cpuSecondsPerGigabyte: (cpu * 1e9) / (count * load.valueBytes),
    cpuMicrosPerRecord: (cpu * 1e6) / count,
  };
}

function faster(a: LoadResult, b: LoadResult): LoadResult {
  return a.megabytesPerSecond > b.megabytesPerSecond ? a : b;
}

function best(name: string, contender: ContenderName, measured: readonly Measured[]): BestOf {
  const rounds = measured.filter((m) => m.contender === contender);
  return {
    case: name,
    contender,
    megabytesPerSecond: Math.max(...rounds.map((m) => m.megabytesPerSecond)),
    recordsPerSecond: Math.max(...rounds.map((m) => m.recordsPerSecond)),
    cpuSecondsPerGigabyte: Math.min(...rounds.map((m) => m.cpuSecondsPerGigabyte)),
    cpuMicrosPerRecord: Math.min(...rounds.map((m) => m.cpuMicrosPerRecord)),
    rounds,
  };
}
