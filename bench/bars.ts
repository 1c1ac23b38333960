// The bars: what the measurements have to reach. One that is not reached stays on the screen, red.

import type { BestOf } from './cases.ts';
import type { ClientResults } from './client.ts';
import type { ClusterPartitions } from './cluster-partitions.ts';
import type { ConsumerGroupFigures } from './consumer-groups.ts';
import type { ContenderName } from './contenders.ts';
import type { Latency } from './drivers.ts';
import type { CompactionFigures } from './compaction.ts';
import type { FailoverFigures } from './failover.ts';
import type { ShardFigures } from './shards.ts';
import type { GroupFigures } from './groups.ts';
import type { ShareGroupFigures } from './share-groups.ts';
import { QUOTA_KINDS } from './security/quotas.ts';
import type { SecurityFigures } from './security/security.ts';
import type { ManyPartitions } from './many-partitions.ts';
import type { PartRun } from './part.ts';
import type { StartUp } from './start-up.ts';

export interface Results {
  readonly machine: string;
  readonly date: string;
  readonly isQuick: boolean;
  readonly loads: readonly BestOf[];
  readonly latencies: readonly { readonly contender: ContenderName; readonly best: Latency }[];
  readonly memory: readonly {
    readonly contender: ContenderName;
    readonly idleMegabytes: number;
    readonly afterMegabytes: number;
    readonly gigabytes: number;
  }[];
  readonly coldStarts: readonly StartUp[];
  readonly inProcess: readonly StartUp[];
  readonly manyPartitions?: ManyPartitions;
  readonly groups?: readonly GroupFigures[];
  readonly consumerGroups?: readonly ConsumerGroupFigures[];
  readonly shareGroups?: readonly ShareGroupFigures[];
  readonly compaction?: readonly CompactionFigures[];
  readonly failover?: readonly FailoverFigures[];
  readonly clusterPartitions?: ClusterPartitions;
  readonly shards?: readonly ShardFigures[];
  readonly security?: SecurityFigures;
  readonly client?: ClientResults;
  /** Since the whole run of `date`. */
  readonly again?: readonly PartRun[];
}

export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly isFloor?: boolean;
  readonly unit: string;
}

export const isReached = (bar: Bar): boolean =>
  bar.isFloor === true ? bar.value >= bar.limit : bar.value <= bar.limit;

const PRODUCE = ['produce 1 KB acks=1', 'produce 1 KB acks=all', 'produce 100 B acks=1', 'produce 100 B acks=all'];
const TRANSACTIONS = ['transactions of 1 record', 'transactions of 1,000 records'];
const TLS = ['TLS produce 1 KB', 'TLS fetch 1 KB'];
const LZ4 = ['produce lz4', 'produce lz4 JSON (Java)'];

/** Only the bars whose measurements are there. */
export function barsOf(results: Results): readonly Bar[] {
  return [
    ...loadBars(results.loads),
    ...latencyBars(results),
    ...startBars(results),
    ...sizeBars(results),
    ...groupBars(results),
    ...consumerGroupBars(results),
    ...shareGroupBars(results),
    ...compactionBars(results),
    ...failoverBars(results),
    ...clusterPartitionBars(results),
    ...securityBars(results),
    ...clientBars(results),
  ];
}

type Field = 'cpuSecondsPerGigabyte' | 'megabytesPerSecond' | 'cpuMicrosPerRecord';

function loadBars(loads: readonly BestOf[]): Bar[] {
  const bars: Bar[] = [];
  const ratio = (name: string, against: ContenderName, field: Field, limit: number, isFloor = false): void => {
    const of = (contender: ContenderName): number | undefined =>
      loads.find((load) => load.case === name && load.contender === contender)?.[field];
    const [ours, theirs] = [of('ottla'), of(against)];
    if (ours === undefined || theirs === undefined) return;
    const measure = field === 'megabytesPerSecond' ? 'MB/s' : 'CPU';
    const versus = against === 'apache' ? 'Apache Kafka' : 'C floor';
    bars.push({ what: `${name}: ${measure} / ${versus}`, value: ours / theirs, limit, isFloor, unit: 'x' });
  };
  for (const name of PRODUCE) {
    ratio(name, 'apache', 'cpuSecondsPerGigabyte', 0.6);
    ratio(name, 'apache', 'megabytesPerSecond', 1, true);
  }
  for (const name of TLS) ratio(name, 'apache', 'cpuSecondsPerGigabyte', 0.7);
  for (const name of LZ4) ratio(name, 'apache', 'cpuSecondsPerGigabyte', 0.5);
  ratio('fetch 1 KB', 'floor', 'cpuSecondsPerGigabyte', 1.9);
  ratio('produce single record', 'apache', 'cpuMicrosPerRecord', 0.5);
  for (const name of TRANSACTIONS) ratio(name, 'apache', 'cpuMicrosPerRecord', 0.5);
  return bars;
}

function latencyBars({ latencies }: Results): Bar[] {
  const of = (name: ContenderName): number | undefined => latencies.find((l) => l.contender === name)?.best.p99;
  const [ours, theirs] = [of('ottla'), of('apache')];
  if (ours === undefined || theirs === undefined) return [];
  return [{ what: 'end to end at 1,000 msg/s: p99 (limit: Apache Kafka)', value: ours, limit: theirs, unit: 'ms' }];
}

const COLD_START_LIMIT_MS = { old: 250, current: 150 };
const FIRST_CURRENT_MAJOR = 24;

function startBars({ coldStarts, inProcess }: Results): Bar[] {
  const major = (start: StartUp): number => Number(start.node.slice(1).split('.')[0]);
  const cold = coldStarts.map((start) => ({
    what: `cold start, node ${start.node}`,
    value: start.medianMs,
    limit: major(start) >= FIRST_CURRENT_MAJOR ? COLD_START_LIMIT_MS.current : COLD_START_LIMIT_MS.old,
    unit: 'ms',
  }));
  const inside = inProcess.map((start) => ({
    what: `startBroker in process, node ${start.node}`,
    value: start.medianMs,
    limit: 30,
    unit: 'ms',
  }));
  return [...cold, ...inside];
}

function sizeBars({ memory, manyPartitions: wide }: Results): Bar[] {
  const bars: Bar[] = [];
  const ours = memory.find((m) => m.contender === 'ottla');
  if (ours !== undefined) {
    bars.push({ what: 'RSS idle', value: ours.idleMegabytes, limit: 70, unit: 'MB' });
    const after = `RSS after ${ours.gigabytes.toFixed(1)} GB of load`;
    bars.push({ what: after, value: ours.afterMegabytes, limit: 160, unit: 'MB' });
  }
  if (wide !== undefined) {
    bars.push({ what: '10 x 1,000 partitions: created', value: wide.createMs, limit: 3_000, unit: 'ms' });
    bars.push({ what: '10 x 1,000 partitions: a record to each', value: wide.produceMs, limit: 5_000, unit: 'ms' });
    bars.push({ what: '10 x 1,000 partitions: stop', value: wide.stopMs, limit: 2_000, unit: 'ms' });
    bars.push({ what: '10 x 1,000 partitions: restart', value: wide.restartMs, limit: 3_000, unit: 'ms' });
    const resident = Math.max(wide.residentMegabytes, wide.residentAfterRestartMegabytes);
    bars.push({ what: '10 x 1,000 partitions: RSS', value: resident, limit: 300, unit: 'MB' });
  }
  return bars;
}

/** Ours beside the best of the others. */
function clientBars({ client }: Results): Bar[] {
  if (client === undefined) return [];
  const bars: Bar[] = [{ what: 'import of ottla/client', value: client.importMs, limit: 25, unit: 'ms' }];
  for (const ours of client.figures) {
    if (ours.client !== 'ottla') continue;
    const others = client.figures.filter((one) => one !== ours && one.task === ours.task && one.bytes === ours.bytes);
    const best = Math.max(0, ...others.map((one) => one.recordsPerCpuSecond));
    const what = `client: ${ours.task} ${ours.bytes} B, records per CPU second, of the best other`;
    if (best > 0) bars.push({ what, value: ours.recordsPerCpuSecond / best, limit: 1, isFloor: true, unit: 'x' });
  }
  return bars;
}

function groupBars({ groups = [] }: Results): Bar[] {
  const ours = groups.find(({ contender }) => contender === 'ottla');
  if (ours === undefined) return [];
  const share = {
    what: '1,000 groups of 5: heartbeats, of a core',
    value: ours.heartbeatShare * 100,
    limit: 10,
    unit: '%',
  };
  return [
    { what: 'a group of 200 over 400 partitions: stable', value: ours.largeGroupMs, limit: 2_000, unit: 'ms' },
    share,
    { what: '1 M commits, 1,000 groups: loaded after a kill', value: ours.reloadMs, limit: 3_000, unit: 'ms' },
    { what: '1 M commits, 1,000 groups: lost', value: ours.lostCommits, limit: 0, unit: '' },
  ];
}

function consumerGroupBars({ consumerGroups = [] }: Results): Bar[] {
  const ours = consumerGroups.find(({ contender }) => contender === 'ottla');
  if (ours === undefined) return [];
  const share = ours.heartbeatShare * 100;
  return [
    { what: 'a KIP-848 group of 500 over 1,000 partitions: stable', value: ours.stableMs, limit: 3_000, unit: 'ms' },
    { what: '1,000 KIP-848 groups of 5: heartbeats, of a core', value: share, limit: 10, unit: '%' },
  ];
}

function shareGroupBars({ shareGroups = [] }: Results): Bar[] {
  const of = (name: string) => shareGroups.find(({ contender }) => contender === name)?.recordsPerSecond;
  const [ours, theirs] = [of('ottla'), of('apache')];
  if (ours === undefined || theirs === undefined) return [];
  const what = 'a share group of 8 on one partition: records/s / Apache Kafka';
  return [{ what, value: ours / theirs, limit: 1, isFloor: true, unit: 'x' }];
}

function compactionBars({ compaction = [] }: Results): Bar[] {
  const of = (name: string) => compaction.find(({ contender }) => contender === name);
  const [ours, theirs] = [of('ottla'), of('apache')];
  if (ours === undefined) return [];
  const beside = { what: 'compaction: p99 of a producer beside it / idle', value: ours.besideP99Ms / ours.idleP99Ms };
  const bars: Bar[] = [{ ...beside, limit: 2, unit: 'x' }];
  if (theirs === undefined) return bars;
  return [
    ...bars,
    { what: 'compaction: CPU / Apache Kafka', value: ours.cpuSeconds / theirs.cpuSeconds, limit: 1, unit: 'x' },
  ];
}

/** Where the process is dead its port refuses: that is knowledge, and no session need run out. */
const DEAD_LIMIT_MS = 2_000;

function failoverBars({ failover = [] }: Results): Bar[] {
  const of = (name: string) => failover.find(({ contender }) => contender === name);
  const [ours, theirs] = [of('ottla'), of('apache')];
  if (ours === undefined) return [];
  const silence = (what: string, value: number, limit: number): Bar => ({
    what: `three nodes: silence, ${what}`,
    value,
    limit,
    unit: 'ms',
  });
  const dead = [
    silence('leader killed', ours.killedMs, DEAD_LIMIT_MS),
    silence('leader and active controller killed', ours.killedControllerMs, DEAD_LIMIT_MS),
    silence('leader killed while a second node is down', ours.secondDownMs, DEAD_LIMIT_MS),
  ];
  if (theirs === undefined) return dead;
  const ratio = (what: string, value: number, limit: number, isFloor = false): Bar => ({
    what: `three nodes, acks=all: ${what} / Apache Kafka`,
    value,
    limit,
    isFloor,
    unit: 'x',
  });
  return [
    ...dead,
    silence('leader killed while a second node is down (limit: Apache Kafka)', ours.secondDownMs, theirs.secondDownMs),
    silence('leader cut off (limit: Apache Kafka)', ours.cutOffMs, theirs.cutOffMs),
    silence('leader restarted (limit: Apache Kafka)', ours.restartedMs, theirs.restartedMs),
    ratio('CPU', ours.cpuSecondsPerGigabyte / theirs.cpuSecondsPerGigabyte, 0.7),
    ratio('MB/s', ours.megabytesPerSecond / theirs.megabytesPerSecond, 1, true),
    ratio('RSS', ours.residentMegabytes / theirs.residentMegabytes, 0.25),
  ];
}

function clusterPartitionBars({ clusterPartitions: wide }: Results): Bar[] {
  if (wide === undefined) return [];
  const bar = (what: string, value: number, limit: number): Bar => ({
    what: `three nodes, 10,000 partitions: ${what}`,
    value,
    limit,
    unit: 'ms',
  });
  return [
    bar('created', wide.createMs, 10_000),
    bar('leaderships moved at a stop', wide.movedMs, 3_000),
    bar('in every ISR after a restart', wide.restartMs, 10_000),
    bar('in every ISR after a kill', wide.restartAfterKillMs, 10_000),
  ];
}

/** As Prometheus is mostly told to; a share of a core. */
const SCRAPED_EVERY_MS = 15_000;
const IDLE_LIMIT_MB = { PLAINTEXT: 150, SSL: 400 };

function securityBars({ security = {} }: Results): Bar[] {
  const { metrics = [], acls, idle = [], flood, quotas = [] } = security;
  const bars: Bar[] = metrics.map(({ load, offCpuMicros, onCpuMicros, scrapeCpuMs }) => ({
    what: `produce ${load}: CPU with metrics, scraped every 15 s, more than without`,
    value: (onCpuMicros / offCpuMicros - 1) * 100 + (scrapeCpuMs / SCRAPED_EVERY_MS) * 100,
    limit: 3,
    unit: '%',
  }));
  if (acls !== undefined) {
    bars.push({ what: `a check against ${acls.entries} ACLs`, value: acls.micros, limit: 2, unit: 'us' });
  }
  for (const { protocol, connections, residentMegabytes } of idle) {
    const what = `${connections} idle ${protocol} connections: RSS`;
    bars.push({ what, value: residentMegabytes, limit: IDLE_LIMIT_MB[protocol], unit: 'MB' });
  }
  if (flood !== undefined) {
    const value = flood.besideP99Ms / flood.aloneP99Ms;
    bars.push({ what: 'p99 of a producer beside a flood / alone', value, limit: 2, unit: 'x' });
  }
  return [...bars, ...quotaBars(quotas)];
}

/** With few samples a quota holds by itself; with the default it holds as in Apache Kafka, where bursts are larger than what is left over. */
function quotaBars(quotas: NonNullable<Results['security']>['quotas'] = []): Bar[] {
  const of = (name: string) => quotas.find(({ contender }) => contender === name);
  const [own, theirs] = [of('ottla'), of('apache')];
  const offBy = (share: number): number => Math.abs(share - 1) * 100;
  return QUOTA_KINDS.flatMap((kind) => {
    const bars: Bar[] = [];
    if (own !== undefined)
      bars.push({ what: `quota of ${kind}: off by`, value: offBy(own.held[kind]), limit: 10, unit: '%' });
    if (own?.heldByDefault !== undefined && theirs?.heldByDefault !== undefined) {
      const limit = Math.max(10, offBy(theirs.heldByDefault[kind]));
      bars.push({
        what: `quota of ${kind}, with 11 samples, beside Apache Kafka: off by`,
        value: offBy(own.heldByDefault[kind]),
        limit,
        unit: '%',
      });
    }
    return bars;
  });
}
