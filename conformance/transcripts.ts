// `npm run -s transcripts -- [--against HOST:PORT [--controller HOST:PORT] [--sasl HOST:PORT]] [--built] [--ours] [--verbose] [FILE...]`
// Replays recorded exchanges of Apache Kafka against a fresh broker of ours, or against a running one, and compares the answers.
// `--ours`: the running one is a fresh broker of ours, judged as such; else it is taken for an Apache Kafka.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deviations } from './deviations.ts';
import { makeCoordinators, needsCoordinators } from './transcripts/settling.ts';
import { type ListenerName, readLines } from './transcripts/line.ts';
import type { LoginLine } from './transcripts/login-replay.ts';
import { type Outcome, Replay } from './transcripts/replay.ts';
import type { TargetFacts } from './transcripts/skips.ts';
import { advertisedKeys, startOwn, type Target } from './transcripts/target.ts';
import { apisByKey as apis } from './transcripts/wire.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../test/fixtures/${name}.jsonl.gz`, import.meta.url));
const RECORDED = fixture('transcripts');
const RECORDED_GROUPS = fixture('transcripts-groups');
const RECORDED_LOGINS = fixture('security/login-transcripts');
const RECORDED_ACLS = fixture('security/acl-transcripts');
const RECORDED_QUOTAS = fixture('security/quota-transcripts');

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string', default: 'ottla' },
    controller: { type: 'string' },
    sasl: { type: 'string' },
    built: { type: 'boolean', default: false },
    ours: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

function address(text: string): { host: string; port: number } {
  const cut = text.lastIndexOf(':');
  return { host: text.slice(0, cut), port: Number(text.slice(cut + 1)) };
}

/** A broker that is already there; what it listens on is what the flags say. */
function running(broker: string): Target {
  const listeners = new Map<ListenerName, { host: string; port: number }>([['broker', address(broker)]]);
  if (flags.controller !== undefined) listeners.set('controller', address(flags.controller));
  if (flags.sasl !== undefined) listeners.set('sasl', address(flags.sasl));
  return { listeners, dropped: [], stop: () => Promise.resolve() };
}

async function main(): Promise<number> {
  const outcomes: Outcome[] = [];
  const dropped = new Set<string>();
  // A broker that is already there is fresh only once, and has one set of settings.
  const recorded =
    flags.against === 'ottla'
      ? [RECORDED, RECORDED_GROUPS, RECORDED_LOGINS, RECORDED_ACLS, RECORDED_QUOTAS]
      : [RECORDED];
  for (const file of positionals.length > 0 ? positionals : recorded) await replayFile(file, outcomes, dropped);
  for (const setting of dropped) console.log(`setting left out: ${setting}`);
  return summary(outcomes);
}

/** Logins have listeners, connections and computations of their own. */
async function replayLogins(file: string, outcomes: Outcome[]): Promise<void> {
  const { startLoginTarget } = await import('./transcripts/login-target.ts');
  const { LoginReplay } = await import('./transcripts/login-replay.ts');
  const target = await startLoginTarget(file, flags.built);
  try {
    const address = { host: '127.0.0.1', port: target.ports.get('PLAINTEXT') ?? 0 };
    const facts = { isForeign: false, listeners: new Map(), served: await advertisedKeys(apis, address) };
    for await (const { line, details } of new LoginReplay(apis, target, facts).run(readLines(file) as LoginLine[])) {
      const outcome: Outcome = { line, verdict: details.length === 0 ? 'passed' : 'failed', details };
      outcomes.push(outcome);
      if (outcome.verdict === 'failed') print(outcome);
      else if (flags.verbose) console.log(`passed   ${line.id}`);
    }
  } finally {
    await target.stop();
  }
}

/** Each file against a broker of its own, fresh, unless one was named. */
async function replayFile(file: string, outcomes: Outcome[], dropped: Set<string>): Promise<void> {
  if (basename(file).startsWith('login-')) return replayLogins(file, outcomes);
  const isRunning = flags.against !== 'ottla';
  const target = isRunning ? running(flags.against) : await startOwn({ useBuild: flags.built, file });
  for (const setting of target.dropped) dropped.add(setting);
  try {
    const lines = readLines(file);
    const broker = target.listeners.get('broker');
    if (lines.some(needsCoordinators) && broker !== undefined) await makeCoordinators(broker);
    const replay = new Replay(apis, await factsOf(target, isRunning && !flags.ours), deviations.transcripts);
    for await (const outcome of replay.run(lines)) {
      outcomes.push(outcome);
      if (outcome.verdict === 'failed') print(outcome);
      else if (flags.verbose && outcome.verdict === 'passed') console.log(`passed   ${outcome.line.id}`);
    }
  } finally {
    await target.stop();
  }
}

async function factsOf({ listeners }: Target, isForeign: boolean): Promise<TargetFacts> {
  const broker = listeners.get('broker');
  if (broker === undefined) throw new Error('no broker address');
  const controller = listeners.get('controller');
  return {
    isForeign,
    listeners,
    served: await advertisedKeys(apis, broker),
    ...(controller !== undefined && { servedByController: await advertisedKeys(apis, controller) }),
  };
}

function print({ line, verdict, details }: Outcome): void {
  const api = line.api === null ? 'raw frame' : `${line.api} v${line.version}`;
  console.log(`${verdict.padEnd(8)} ${line.id} (${api}${line.note ? `: ${line.note}` : ''})`);
  for (const detail of details) console.log(`         ${detail}`);
}

/** Skipped lines by reason, deviations, then the counts; the exit code. */
function summary(outcomes: readonly Outcome[]): number {
  const skipped = new Map<string, string[]>();
  for (const { line, verdict, details } of outcomes) {
    if (verdict === 'deviates') console.log(`deviates ${line.id}: ${details[0]}`);
    if (verdict !== 'skipped') continue;
    const reason = details[0] ?? '';
    skipped.set(reason, [...(skipped.get(reason) ?? []), line.id]);
  }
  for (const [reason, ids] of skipped) console.log(`skipped  ${ids.length} · ${reason}\n         ${ids.join(' ')}`);
  const repeated = outcomes.filter(({ repeats }) => (repeats ?? 0) > 0);
  console.log(`asked again until ready: ${repeated.length}${repeated.map(({ line }) => ` ${line.id}`).join('')}`);
  console.log('documentation of configs: compared by presence only, the words are our own');
  // Ids may repeat (`incremental.undo`), and a silent line that speaks later is reported twice.
  const failed = new Set(outcomes.filter(({ verdict }) => verdict === 'failed').map(({ line }) => line));
  const passed = outcomes.filter(({ line, verdict }) => !failed.has(line) && verdict !== 'skipped').length;
  const left = outcomes.filter(({ verdict }) => verdict === 'skipped').length;
  console.log(`${passed} passed, ${failed.size} failed, ${left} skipped`);
  return failed.size > 0 ? 1 : 0;
}

process.exitCode = await main();
