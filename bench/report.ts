// The tables of a bench run: on the screen, in bench/results.json, and in the README between its markers.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Bar, barsOf, isReached, type Results } from './bars.ts';
import type { BestOf } from './cases.ts';
import type { ContenderName } from './contenders.ts';

const RESULTS = join(import.meta.dirname, 'results.json');
const README = join(import.meta.dirname, '..', 'README.md');
const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';
const ORDER: readonly ContenderName[] = ['ottla', 'before', 'ottla-strict', 'apache', 'kfake', 'tansu', 'floor'];

export function machineLine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  return `${cores.length} x ${model}, ${memory} GiB, Linux ${release()}, node ${process.version}`;
}

type Rows = readonly (readonly string[])[];

function aligned(rows: Rows): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

function markdown(rows: Rows): string {
  const [head = [], ...body] = rows;
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

/** A row a case and contender: rates, CPU, and the CPU as a multiple of Apache Kafka's and of the floor's. */
function loadRows(loads: readonly BestOf[]): Rows {
  const head = [
    'best of the rounds',
    '',
    'MB/s',
    'records/s',
    'CPU s/GB',
    'CPU us/record',
    '/ Apache',
    '/ floor',
    '/ before',
  ];
  const rows = loads.map((load) => {
    const against = (name: ContenderName): string => {
      const other = loads.find((l) => l.case === load.case && l.contender === name);
      if (other === undefined || other === load) return '';
      return (load.cpuSecondsPerGigabyte / other.cpuSecondsPerGigabyte).toFixed(2);
    };
    return [
      load.case,
      load.contender,
      load.megabytesPerSecond.toFixed(0),
      load.recordsPerSecond.toFixed(0),
      load.cpuSecondsPerGigabyte.toFixed(2),
      load.cpuMicrosPerRecord.toFixed(2),
      against('apache'),
      against('floor'),
      against('before'),
    ];
  });
  return [head, ...rows];
}

function otherRows(results: Results): Rows {
  const rows: string[][] = [['', '', '']];
  for (const { contender, best } of results.latencies) {
    const figures = `${best.p50.toFixed(2)} / ${best.p99.toFixed(2)} / ${best.p999.toFixed(2)} ms`;
    rows.push(['end to end at 1,000 msg/s, p50 / p99 / p99.9', contender, figures]);
  }
  for (const m of [...results.memory].sort((a, b) => ORDER.indexOf(a.contender) - ORDER.indexOf(b.contender))) {
    const figures = `${m.idleMegabytes} / ${m.afterMegabytes} MB`;
    rows.push([`RSS idle / after ${m.gigabytes.toFixed(1)} GB`, m.contender, figures]);
  }
  for (const start of results.coldStarts)
    rows.push(['cold start, median', start.node, `${start.medianMs.toFixed(0)} ms`]);
  for (const start of results.inProcess) {
    rows.push(['startBroker in process, median', start.node, `${start.medianMs.toFixed(1)} ms`]);
  }
  const wide = results.manyPartitions;
  if (wide !== undefined) {
    rows.push(['10,000 directories with a file, by mkdir and open alone', '', `${wide.fileSystemMs} ms`]);
    const times = `${wide.createMs} / ${wide.produceMs} / ${wide.stopMs} / ${wide.restartMs} ms`;
    rows.push(['10 x 1,000 partitions: create / produce / stop / restart', 'ottla', times]);
    const sizes = `${wide.residentMegabytes} / ${wide.residentAfterRestartMegabytes} MB`;
    rows.push(['10 x 1,000 partitions: RSS / after restart', 'ottla', sizes]);
  }
  for (const g of results.groups ?? []) {
    rows.push(['a group of 200 over 400 partitions: stable after the last join', g.contender, `${g.largeGroupMs} ms`]);
    rows.push(['1,000 groups of 5: heartbeats', g.contender, `${(g.heartbeatShare * 100).toFixed(1)} % of a core`]);
    const figures = `${g.commitsPerSecond} / s, ${g.reloadMs} ms`;
    rows.push(['1 M commits to 1,000 groups: rate, loaded after a kill', g.contender, figures]);
  }
  for (const g of results.consumerGroups ?? []) {
    const what = 'a KIP-848 group of 500 over 1,000 partitions: stable after the last join';
    rows.push([what, g.contender, `${g.stableMs} ms`]);
    const share = `${(g.heartbeatShare * 100).toFixed(1)} % of a core`;
    rows.push(['1,000 KIP-848 groups of 5: heartbeats', g.contender, share]);
  }
  for (const g of results.shareGroups ?? []) {
    const what = 'a share group of 8 consumers on one partition, 100 B (Java)';
    rows.push([
      what,
      g.contender,
      `${g.recordsPerSecond.toFixed(0)} records/s, CPU ${g.cpuMicrosPerRecord.toFixed(2)} us`,
    ]);
  }
  for (const c of results.compaction ?? []) {
    const what = `compaction of ${c.megabytes} MB, 1 M keys`;
    rows.push([`${what}: CPU`, c.contender, `${c.cpuSeconds.toFixed(1)} s in ${c.seconds.toFixed(1)} s`]);
    const latencies = `${c.idleP99Ms.toFixed(1)} / ${c.besideP99Ms.toFixed(1)} ms`;
    rows.push([`${what}: p99 of a producer, idle / beside it`, c.contender, latencies]);
  }
  for (const { task, bytes, client, recordsPerCpuSecond } of results.client?.figures ?? []) {
    rows.push([`client: ${task} ${bytes} B`, client, `${recordsPerCpuSecond} records per CPU second`]);
  }
  for (const f of results.failover ?? []) {
    const silences = [f.killedMs, f.killedControllerMs, f.cutOffMs, f.restartedMs, f.secondDownMs].join(' / ');
    rows.push([
      'three nodes: silence, leader killed / and controller / cut off / restarted / killed while a second is down',
      f.contender,
      `${silences} ms`,
    ]);
    const load = `${f.megabytesPerSecond.toFixed(0)} MB/s, ${f.cpuSecondsPerGigabyte.toFixed(2)} CPU s/GB`;
    rows.push(['three nodes, RF 3, 1 KB acks=all', f.contender, load]);
    rows.push(['three nodes: RSS of all', f.contender, `${f.residentMegabytes} MB`]);
  }
  const cluster = results.clusterPartitions;
  if (cluster !== undefined) {
    const what = 'three nodes, 10,000 partitions RF 3:';
    const { movedMs, stopMs, restartMs, restartAfterKillMs } = cluster;
    rows.push([`${what} created`, 'ottla', `${cluster.createMs} ms`]);
    rows.push([`${what} leaderships moved / process stopped`, 'ottla', `${movedMs} / ${stopMs} ms`]);
    rows.push([`${what} back after a stop / a kill`, 'ottla', `${restartMs} / ${restartAfterKillMs} ms`]);
    const idle = `${(cluster.idleShare * 100).toFixed(1)} % of a core, ${cluster.residentMegabytes} MB`;
    rows.push([`${what} idle, RSS of all`, 'ottla', idle]);
  }
  for (const s of results.shards ?? []) {
    const cpu = `${s.brokerCpuSecondsPerGigabyte.toFixed(2)} CPU s/GB, clients ${s.clientCpuSecondsPerGigabyte.toFixed(2)}`;
    rows.push([
      `shards in threads: ${s.shards}, two producers, 1 KB`,
      'ottla',
      `${s.megabytesPerSecond.toFixed(0)} MB/s, ${cpu}`,
    ]);
  }
  return [...rows, ...securityRows(results)];
}

function securityRows({ security = {} }: Results): string[][] {
  const { metrics = [], acls, idle = [], flood, quotas = [] } = security;
  const rows: string[][] = [];
  for (const { load, offCpuMicros, onCpuMicros, scrapeCpuMs } of metrics) {
    const figures = `${offCpuMicros.toFixed(2)} / ${onCpuMicros.toFixed(2)} us, ${scrapeCpuMs.toFixed(1)} ms`;
    rows.push([`produce ${load}: CPU a record, metrics off / on, of a scrape`, 'ottla', figures]);
  }
  if (acls !== undefined) {
    rows.push([`a check against ${acls.entries} ACLs (${acls.dearest})`, 'ottla', `${acls.micros.toFixed(2)} us`]);
  }
  for (const { protocol, connections, beforeMegabytes, residentMegabytes } of idle) {
    const figures = `${beforeMegabytes} / ${residentMegabytes} MB`;
    rows.push([`RSS before / with ${connections} idle ${protocol} connections`, 'ottla', figures]);
  }
  if (flood !== undefined) {
    const { aloneP99Ms, besideP99Ms, elsewhereP99Ms, askingP99Ms } = flood;
    const all = [aloneP99Ms, besideP99Ms, elsewhereP99Ms, askingP99Ms].map((ms) => ms.toFixed(2)).join(' / ');
    const what =
      'alone / beside a flood of 2,520 connections / the flood on another broker / while 40,000 questions of it are answered';
    rows.push([`p99 end to end at 1,000 msg/s, ${what}, RSS`, 'ottla', `${all} ms, ${flood.residentMegabytes} MB`]);
  }
  for (const { contender, held, heldByDefault } of quotas) {
    for (const [kind, share] of Object.entries(held)) {
      rows.push([`quota of ${kind}: used of what it allows`, contender, `${(share * 100).toFixed(1)} %`]);
    }
    for (const [kind, share] of Object.entries<number>(heldByDefault ?? {})) {
      const what = `quota of ${kind}, with the default of 11 samples: used of what it allows`;
      rows.push([what, contender, `${(share * 100).toFixed(1)} %`]);
    }
  }
  return rows;
}

function barRows(bars: readonly Bar[]): Rows {
  const rows = bars.map((bar) => {
    const sign = bar.isFloor === true ? '>=' : '<=';
    const digits =
      bar.unit === 'x' || ((bar.unit === 'ms' || bar.unit === 'us') && bar.value < 20) ? 2 : bar.unit === '%' ? 1 : 0;
    const limit = `${sign} ${bar.limit.toFixed(bar.unit === 'x' ? 1 : digits)}`;
    return [bar.what, `${bar.value.toFixed(digits)} ${bar.unit}`, limit, isReached(bar) ? 'green' : 'RED'];
  });
  return [['bar', 'measured', 'limit', ''], ...rows];
}

/** Prints everything; returns the number of red bars. */
export function report(results: Results): number {
  const bars = barsOf(results);
  const parts = [loadRows(results.loads), otherRows(results), barRows(bars)].map(aligned);
  process.stdout.write(`\n${results.machine}, ${results.date}\n\n${parts.join('\n\n')}\n\n`);
  const red = bars.filter((bar) => !isReached(bar)).length;
  process.stdout.write(`${bars.length - red} bars green, ${red} red\n`);
  return red;
}

/** Of the last whole run, and what was measured again since. */
export function savedResults(): Results {
  return JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
}

export function saveResults(results: Results): void {
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

/** Throws when the README has no place for the tables. */
export function updateReadme(): void {
  const results = savedResults();
  const text = readFileSync(README, 'utf8');
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${START} … ${END}`);
  const again = (results.again ?? []).map(({ parts, date }) => ` Measured again on ${date}: ${parts.join(', ')}.`);
  const machine = `${results.machine}, ${results.date}. Best of the rounds.${again.join('')}`;
  const parts = [
    machine,
    markdown(loadRows(results.loads)),
    markdown(otherRows(results)),
    markdown(barRows(barsOf(results))),
  ];
  writeFileSync(README, `${text.slice(0, from)}${START}\n${parts.join('\n\n')}\n${text.slice(to)}`);
}
