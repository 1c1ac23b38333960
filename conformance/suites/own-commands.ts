// Our own commands on Ottla and on Apache Kafka, each begun the same: noun by noun and verb by verb the same answer but for names, and
// how long it takes from the shell to the answer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSchemaRegistry } from '../../src/schema-registry/index.ts';
import { OWN_FORMS } from '../forms/own-cases.ts';
import { form, type OwnForm } from '../forms/own-form.ts';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { apache } from '../targets/apache.ts';
import { CLI } from '../targets/ottla.ts';
import type { Target } from '../targets/target.ts';
import { exec } from '../toolchain/exec.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

const PROPERTIES = {
  'node.id': '0',
  'num.partitions': '2',
  'offsets.topic.num.partitions': '2',
  'transaction.state.log.num.partitions': '2',
  'share.coordinator.state.topic.num.partitions': '2',
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.assignment.interval.ms': '0',
  // Their members are requests that nobody repeats.
  'group.streams.session.timeout.ms': '60000',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};
/** A number with its unit. */
const FIGURE = /\d[\d.]*(ms|s|m|[kMG]?B(\/s)?)?(?![a-z])/g;
/** From the shell to the answer, where the command has nothing to wait for. */
const SWIFT_MS = 200;
const SWIFT_RUNS = 15;
const SWIFT: readonly string[] = ['topic list', 'cluster info', 'group list', 'config get --topic one'];

export const ownCommands: Suite = {
  name: 'own-commands',
  isBlackBox: false,
  available: async (jars) => (typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Ran {
  readonly said: readonly Said[];
  /** By command, of all runs, ascending. */
  readonly timesMs: ReadonlyMap<string, readonly number[]>;
}

/** Where a command runs: what stands in its words, and where it finds profiles. */
interface Place {
  readonly bootstrap: string;
  readonly port: number;
  readonly registry: string;
  readonly logs: string;
  readonly home: string;
}

async function run({ jars, target, scratch, cases, progress }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  // Names of one length: tables are as wide as what stands in them.
  const theirs = await runAll(apache(jars), join(scratch, 'node-1'));
  const ours = await runAll(target, join(scratch, 'node-2'));
  const seen = new Map<string, number>();
  for (const [index, { words }] of OWN_FORMS.entries()) {
    const text = words.join(' ');
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    await cases.run(count === 1 ? text : `${text} (${count})`, () => sameWords(ours.said[index], theirs.said[index]));
  }
  for (const command of SWIFT) {
    await cases.run(`${command}: from the shell to the answer`, () => {
      const [own, other] = [ours, theirs].map((ran) => ran.timesMs.get(command) ?? []);
      progress(`     ${command}: on Ottla ${figures(own)}, on Apache Kafka ${figures(other)}`);
      that(median(own) < SWIFT_MS, `half of the runs take ${median(own)} ms and more`);
    });
  }
}

async function runAll(target: Target, logs: string): Promise<Ran> {
  const home = `${logs}-home`;
  mkdirSync(home);
  const broker = await target.start({ dataDirectory: logs, properties: PROPERTIES });
  const { bootstrap, port } = broker;
  const registry = await startSchemaRegistry({ brokers: bootstrap, port: 0 });
  const place: Place = { bootstrap, port, registry: registry.url, logs, home };
  try {
    const said: Said[] = [];
    for (const one of OWN_FORMS) said.push(masked(await ottla(one, place), one, place));
    const timesMs = new Map<string, readonly number[]>();
    for (const command of SWIFT) timesMs.set(command, await timesOf(form(command), place));
    return { said, timesMs };
  } finally {
    await registry.close();
    await broker.stop();
  }
}

/** Ascending. */
async function timesOf(command: OwnForm, place: Place): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < SWIFT_RUNS; index++) {
    const startedAt = performance.now();
    await ottla(command, place);
    times.push(Math.round(performance.now() - startedAt));
  }
  return times.sort((a, b) => a - b);
}

async function ottla({ words, input = '', files = {}, prepare }: OwnForm, place: Place): Promise<Said> {
  const { bootstrap, registry, logs, home } = place;
  await prepare?.(bootstrap);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(home, name), content);
  const env = { OTTLA_BROKERS: bootstrap, OTTLA_CONFIG: join(home, 'profiles'), HOME: home, NODE_EXTRA_CA_CERTS: '' };
  const values: Readonly<Record<string, string>> = { $B: bootstrap, $R: registry, $L: logs, $H: home };
  const args = [CLI, ...words.map((word) => word.replaceAll(/\$[BRLH]/g, (name) => values[name] as string))];
  const { status, stdout, stderr } = await exec(process.execPath, args, { input, env, timeoutMs: 30_000 });
  return { code: status, out: stdout, err: stderr };
}

/** Addresses, directories, ids, times and what a command leaves to the broker are masked. */
function masked({ code, out, err }: Said, one: OwnForm, { port, registry, logs, home }: Place): Said {
  const clean = (text: string): string => {
    const lines = text.split('\n').filter((line) => one.leftOut?.test(line) !== true);
    const plain = (one.isUnordered === true ? lines.sort() : lines)
      .join('\n')
      .replaceAll(home, '$H')
      .replaceAll(logs, '$L')
      .replaceAll(registry, '$R')
      .replaceAll(new RegExp(`\\b${port}\\b`, 'g'), '$PORT')
      .replaceAll(/\b1[5-9]\d{11}\b/g, '$TIME')
      .replaceAll(/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '$TIME')
      .replaceAll(/(?<![\w-])[\w-]{22}(?![\w-])/g, (id) => (/[A-Z0-9]/.test(id) ? '$ID' : id))
      .replaceAll(/ +$/gm, '');
    return one.hasOwnFigures === true ? plain.replaceAll(FIGURE, '#').replaceAll(/ +/g, ' ') : plain;
  };
  return { code, out: clean(out), err: clean(err) };
}

/** Throws with the first line that differs. */
function sameWords(ours: Said | undefined, theirs: Said | undefined): void {
  for (const part of ['code', 'out', 'err'] as const) {
    const [own, other] = [ours, theirs].map((said) => String(said?.[part]).split('\n')) as [string[], string[]];
    const at = own.findIndex((line, index) => line !== other[index]);
    const differs = at === -1 && own.length < other.length ? own.length : at;
    if (differs === -1) continue;
    const rest = part === 'code' ? ` (on Ottla ${ours?.err ?? ''}; on Apache Kafka ${theirs?.err ?? ''})` : '';
    throw new Error(`${part}, line ${differs + 1}: on Ottla ${own[differs]}\non Apache Kafka ${other[differs]}${rest}`);
  }
}

const median = (times: readonly number[] = []): number => times[Math.floor(times.length / 2)] ?? Number.NaN;

function figures(times: readonly number[] = []): string {
  return `${times[0]} to ${times.at(-1)} ms, half below ${median(times)} ms`;
}
