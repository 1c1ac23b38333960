// npm run conformance [-- --against apache|apache-3.9|kfake|librdkafka-mock] [--nodes 3] [--only suite,…] [--update-readme]
// Runs the suites one by one, each on a broker and a data directory of its own, and says what passed.

import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mergeResults, reportOf, type SuiteReport, table, updateReadme } from './report.ts';
import { Cases, type Suite } from './suite.ts';
import { suites } from './suites.ts';
import { apache, OLDER_KAFKA_VERSION, olderApache } from './targets/apache.ts';
import { kfake, kfakeProgram } from './targets/kfake.ts';
import { mockCluster, mockClusterPython } from './targets/mock-cluster.ts';
import { ottla } from './targets/ottla.ts';
import { threeNodes } from './targets/three-nodes.ts';
import { stopAll, type Target, TARGET_NAMES } from './targets/target.ts';
import { freshDirectory } from './toolchain/cache.ts';
import { type KafkaJars, kafkaJars } from './toolchain/kafka-jars.ts';

/** Of the rows in results.json. */
const order = suites.map((suite) => suite.name);

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      against: { type: 'string', default: 'ottla' },
      nodes: { type: 'string', default: '1' },
      only: { type: 'string' },
      'update-readme': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    const names = suites.map((s) => s.name).join(',');
    say(`npm run conformance [-- --against ${TARGET_NAMES.join('|')}] [--nodes 3] [--only ${names}] [--update-readme]`);
    return 0;
  }
  const jars = await kafkaJars();
  const target = await targetOf(values.against, values.nodes, jars);
  const chosen = chosenSuites(values.only, target);
  const reports: SuiteReport[] = [];
  for (const suite of chosen) reports.push(await runSuite(suite, target, jars));
  // A part of its cases says nothing of a suite.
  if (process.env['OTTLA_CHECKS'] === undefined) keep(chosen, reports, target);
  if (target.name === 'ottla' && values['update-readme']) updateReadme();
  return summary(target, reports);
}

/** Of Apache Kafka's own runs those on several nodes are kept, as ours are held against them. */
function keep(chosen: readonly Suite[], reports: readonly SuiteReport[], target: Target): void {
  if (target.name !== 'ottla' && target.nodes === undefined) return keepElsewhere(chosen, reports, target);
  mergeResults(reports, target.name === 'ottla' ? 'suites' : 'apache', order);
}

/** Of programs that are to serve other brokers too it counts what they did there. */
function keepElsewhere(chosen: readonly Suite[], reports: readonly SuiteReport[], target: Target): void {
  const ours = chosen.filter(({ alsoAgainst }) => alsoAgainst !== undefined).map(({ name }) => name);
  const kept = reports.filter(({ suite }) => ours.includes(suite));
  const named = kept.map((report) => ({ ...report, suite: `${report.suite}, on ${target.name}` }));
  mergeResults(named, 'elsewhere', order);
}

async function targetOf(name: string, nodes: string, jars: KafkaJars | string): Promise<Target> {
  if (nodes !== '1' && nodes !== '3') throw new Error(`--nodes 1 or 3, not ${nodes}`);
  if (nodes === '3') {
    if (name !== 'ottla' && name !== 'apache') throw new Error(`--nodes 3 of ottla or apache, not of ${name}`);
    if (name === 'apache') present(name, jars);
    return threeNodes(name, jars);
  }
  switch (name) {
    case 'ottla':
      return ottla();
    case 'apache':
      return apache(present(name, jars));
    case 'apache-3.9':
      return olderApache(present(name, await kafkaJars(OLDER_KAFKA_VERSION)));
    case 'kfake':
      return kfake(present(name, await kfakeProgram()).program);
    case 'librdkafka-mock':
      return mockCluster(present(name, await mockClusterPython()).python);
    default:
      throw new Error(`--against ${TARGET_NAMES.join(', ')}, not ${name}`);
  }
}

function present<T>(name: string, found: T | string): T {
  if (typeof found === 'string') throw new Error(`no ${name} to run: ${found}`);
  return found;
}

function chosenSuites(only: string | undefined, target: Target): readonly Suite[] {
  const names = only?.split(',');
  const unknown = names?.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`no suite ${unknown}: ${suites.map((suite) => suite.name).join(', ')}`);
  const wanted = suites.filter((suite) => names?.includes(suite.name) ?? true);
  if (target.name === 'ottla' && target.nodes === undefined) return wanted;
  if (target.name === 'ottla' || target.name === 'apache') return wanted.filter((suite) => suite.isBlackBox);
  return wanted.filter((suite) => suite.alsoAgainst?.includes(target.name) === true);
}

/** What ran on several nodes has a row of its own in the table. */
function nameOn(suite: Suite, target: Target): string {
  return target.nodes === undefined ? suite.name : `${suite.name}, ${target.nodes} nodes`;
}

async function runSuite(suite: Suite, target: Target, jars: KafkaJars | string): Promise<SuiteReport> {
  const startedAt = performance.now();
  const availability = await suite.available(jars);
  const name = nameOn(suite, target);
  const head = {
    suite: name,
    version: 'version' in availability ? availability.version : '-',
    date: new Date().toISOString().slice(0, 10),
    broker: `${target.name} ${target.version}`,
    node: process.version,
  };
  if ('missing' in availability) {
    say(`${name}: skipped, ${availability.missing}`);
    return { ...reportOf({ ...head, seconds: 0 }, []), missing: availability.missing };
  }
  say(`${name} ${head.version} against ${head.broker}`);
  const progress = (line: string): void => say(`  ${line}`);
  const cases = new Cases(name, progress);
  const scratch = freshDirectory(`run-${suite.name}`);
  try {
    await suite.run({ target, jars, scratch, cases, progress });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    progress(`FAILED the suite itself: ${message}`);
    cases.add('the suite itself', 'failed', message);
  } finally {
    await stopAll();
    rmSync(scratch, { recursive: true, force: true });
  }
  return reportOf({ ...head, seconds: Math.round((performance.now() - startedAt) / 1000) }, cases.results);
}

function summary(target: Target, reports: readonly SuiteReport[]): number {
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  const failed = reports.reduce((sum, report) => sum + report.failed, 0);
  process.stdout.write(`\n${target.name} ${target.version}, node ${process.version}\n\n${table(reports)}\n\n`);
  for (const report of reports) {
    for (const failure of report.failures) {
      process.stdout.write(`FAILED ${report.suite} ${failure.name}: ${failure.detail.split('\n')[0]}\n`);
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
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
