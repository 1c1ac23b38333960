// Our own commands on Ottla and on Apache Kafka, each begun the same: noun by noun and verb by verb the same answer but for names, and
// how long it takes from the shell to the answer.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_FORMS, type OwnForm } from '../forms/own-cases.ts';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import { apache } from '../targets/apache.ts';
import { CLI } from '../targets/ottla.ts';
import type { RunningBroker } from '../targets/target.ts';
import { exec } from '../toolchain/exec.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

const PROPERTIES = {
  'node.id': '0',
  'num.partitions': '2',
  'offsets.topic.num.partitions': '2',
  'transaction.state.log.num.partitions': '2',
  'share.coordinator.state.topic.num.partitions': '2',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};
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

async function run({ jars, target, scratch, cases, progress }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const theirs = await runAll('apache', await start(apache(jars), join(scratch, 'apache')), scratch);
  const ours = await runAll('ottla', await start(target, join(scratch, 'ottla')), scratch);
  const seen = new Map<string, number>();
  for (const [index, form] of OWN_FORMS.entries()) {
    const words = form.words.join(' ');
    const count = (seen.get(words) ?? 0) + 1;
    seen.set(words, count);
    const name = count === 1 ? words : `${words} (${count})`;
    await cases.run(name, () => same(ours.said[index], theirs.said[index], 'on Ottla'));
  }
  for (const command of SWIFT) {
    await cases.run(`${command}: from the shell to the answer`, () => {
      const [own, other] = [ours, theirs].map((ran) => ran.timesMs.get(command) ?? []);
      progress(`     ${command}: on Ottla ${figures(own)}, on Apache Kafka ${figures(other)}`);
      that(median(own) < SWIFT_MS, `half of the runs take ${median(own)} ms and more`);
    });
  }
}

async function start(target: SuiteContext['target'], dataDirectory: string): Promise<RunningBroker> {
  return target.start({ dataDirectory, properties: PROPERTIES });
}

async function runAll(name: string, broker: RunningBroker, scratch: string): Promise<Ran> {
  const home = join(scratch, `${name}-home`);
  mkdirSync(home);
  const said: Said[] = [];
  const timesMs = new Map<string, number[]>();
  for (const form of OWN_FORMS) said.push(masked(await ottla(form, broker, home), form, broker));
  for (const command of SWIFT) {
    const times: number[] = [];
    for (let index = 0; index < SWIFT_RUNS; index++) {
      const startedAt = performance.now();
      await ottla({ words: command.split(' ') }, broker, home);
      times.push(Math.round(performance.now() - startedAt));
    }
    timesMs.set(
      command,
      times.sort((a, b) => a - b),
    );
  }
  await broker.stop();
  return { said, timesMs };
}

async function ottla({ words, input = '' }: OwnForm, { bootstrap }: RunningBroker, home: string): Promise<Said> {
  const env = { OTTLA_BROKERS: bootstrap, OTTLA_CONFIG: join(home, 'profiles'), HOME: home, NODE_EXTRA_CA_CERTS: '' };
  const args = [CLI, ...words.map((word) => word.replaceAll('$B', bootstrap))];
  const { status, stdout, stderr } = await exec(process.execPath, args, { input, env, timeoutMs: 30_000 });
  return { code: status, out: stdout, err: stderr };
}

/** Ports, ids, times and what a command leaves to the broker are masked. */
function masked({ code, out, err }: Said, form: OwnForm, { port }: RunningBroker): Said {
  const clean = (text: string): string => {
    const lines = text.split('\n').filter((line) => form.leftOut?.test(line) !== true);
    return (form.isUnordered === true ? lines.sort() : lines)
      .join('\n')
      .replaceAll(new RegExp(`\\b${port}\\b`, 'g'), '$PORT')
      .replaceAll(/\b1[5-9]\d{11}\b/g, '$TIME')
      .replaceAll(/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '$TIME')
      .replaceAll(/(?<![\w-])[\w-]{22}(?![\w-])/g, (id) => (/[A-Z0-9]/.test(id) ? '$ID' : id))
      .replaceAll(/ +$/gm, '');
  };
  return { code, out: clean(out), err: clean(err) };
}

const median = (times: readonly number[] = []): number => times[Math.floor(times.length / 2)] ?? Number.NaN;

function figures(times: readonly number[] = []): string {
  return `${times[0]} to ${times.at(-1)} ms, half below ${median(times)} ms`;
}
