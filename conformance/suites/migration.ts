// docs/migration.md, run as it stands: from Ottla to Apache Kafka and back, node by node, while records are copied in transactions; and
// by copying directories.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { same, type Suite, type SuiteContext } from '../suite.ts';
import { CLI } from '../targets/ottla.ts';
import { freePort } from '../targets/target.ts';
import { javaArguments, KAFKA_VERSION, type KafkaJars, TOOL_FLAGS } from '../toolchain/kafka-jars.ts';
import { pythonEnvironment } from '../toolchain/python.ts';
import { WireConnection } from '../wire/connection.ts';
import { metadata } from '../wire/requests.ts';
import { CopyJob } from './copy-job.ts';
import { INPUT, OUTPUT } from './mixed/mixed-world.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'migration.md');
const RECORDS = Number(process.env['OTTLA_MIXED_RECORDS'] ?? 20_000);
const FEED_SECONDS = 40;
const CHECK_SECONDS = 240;
const STEP_LIMIT_MS = 1_200_000;
const LIMIT_MS = 3_600_000;
const SERVER_FLAGS = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-Dottla.log.level=INFO'];
const NODES = [1, 2, 3, 4];
/** What KRaft's fault handlers and failed invariants leave in a log. */
const FAULT = /FaultHandler|Encountered .*fault|IllegalStateException|FATAL/;

const TOOLS: Readonly<Record<string, string>> = {
  'kafka-storage.sh': 'kafka.tools.StorageTool',
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-broker-api-versions.sh': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-metadata-quorum.sh': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-reassign-partitions.sh': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
};

const interpreter = () => pythonEnvironment('confluent-kafka', ['confluent-kafka==2.16.1']);

export const migration: Suite = {
  name: 'migration',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    const python = await interpreter();
    return typeof python === 'string' ? { missing: python } : { version: KAFKA_VERSION };
  },
  run,
};

/** A heading of the page with the commands below it. */
interface Step {
  readonly heading: string;
  readonly commands: string;
}

async function run(context: SuiteContext): Promise<void> {
  const { jars, cases, scratch } = context;
  const python = await interpreter();
  if (typeof jars === 'string' || typeof python === 'string') throw new Error('the tool chain is gone');
  const reader = await Reader.sitDown(jars, scratch);
  const steps = stepsOf(reader.onFreePorts(readFileSync(PAGE, 'utf8')));
  const isCopied = (heading: string): boolean => heading.startsWith('A copy');
  const job = new CopyJob(python.python, RECORDS);
  await cases.run(
    'the page, node by node, while records are copied',
    async () => {
      let fed: Promise<void> | undefined;
      for (const step of steps.filter(({ heading }) => !isCopied(heading))) {
        context.progress(step.heading);
        await reader.runs(step);
        // The copying begins when the page has a cluster, and goes on through all that follows.
        if (fed !== undefined) continue;
        fed = job.feed(reader.brokers, FEED_SECONDS, 3);
        await Promise.race([fed, topicsMade(reader.brokers)]);
        // Told when it is awaited.
        fed.catch(() => undefined);
      }
      await fed;
      await job.check(CHECK_SECONDS);
      reader.checkFaults();
    },
    LIMIT_MS,
  );
  job.end();
  await cases.run(
    'the page, by copying directories',
    async () => {
      for (const step of steps.filter(({ heading }) => isCopied(heading))) {
        context.progress(step.heading);
        await reader.runs(step);
      }
      await job.check(CHECK_SECONDS);
      reader.checkFaults();
    },
    LIMIT_MS,
  );
  reader.leave();
}

async function topicsMade(bootstrap: string): Promise<void> {
  for (;;) {
    const connection = await WireConnection.open(bootstrap.split(',')[0] as string);
    const { topics } = await metadata(connection, [INPUT, OUTPUT]).finally(() => connection.close());
    if (topics.every(({ errorCode }) => errorCode === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function stepsOf(page: string): Step[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      heading: section.slice(0, section.indexOf('\n')),
      commands: [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]).join('\n'),
    }))
    .filter(({ commands }) => commands !== '');
}

/** Who reads the page: a shell with both programs in its PATH. */
class Reader {
  readonly #directory: string;
  readonly #shell: ChildProcessWithoutNullStreams;
  /** What the ports of brokers and controllers begin with; their last digit is the node's. */
  readonly #prefixes: readonly [string, string];
  #said = '';
  #heard: () => void = () => undefined;
  #steps = 0;

  private constructor(directory: string, bin: string, prefixes: readonly [string, string]) {
    this.#directory = directory;
    this.#prefixes = prefixes;
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } as Record<string, string | undefined>;
    delete env['NODE_EXTRA_CA_CERTS'];
    this.#shell = spawn('bash', ['-e', '-s'], { cwd: directory, env });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
        this.#heard();
      });
    }
    this.#shell.on('exit', () => this.#heard());
  }

  static async sitDown(jars: KafkaJars, scratch: string): Promise<Reader> {
    const bin = join(scratch, 'bin');
    mkdirSync(bin, { recursive: true });
    // They do not read what the shell reads.
    const program = (name: string, words: readonly string[]): void => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${quoted} "$@" < /dev/null\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('ottla', [process.execPath, CLI]);
    program('kafka-server-start.sh', ['java', ...javaArguments(jars, SERVER_FLAGS, 'kafka.Kafka')]);
    for (const [name, main] of Object.entries(TOOLS)) program(name, ['java', ...javaArguments(jars, TOOL_FLAGS, main)]);
    const brokers = await freePrefix('');
    return new Reader(scratch, bin, [brokers, await freePrefix(brokers)]);
  }

  get brokers(): string {
    return [1, 2, 3].map((id) => `127.0.0.1:${this.#prefixes[0]}${id}`).join(',');
  }

  /** The page with ports that nobody else uses. */
  onFreePorts(page: string): string {
    return page.replaceAll('1909', this.#prefixes[0]).replaceAll('1919', this.#prefixes[1]);
  }

  async runs({ heading, commands }: Step): Promise<void> {
    const end = `--- end of step ${++this.#steps} ---`;
    const from = this.#said.length;
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const failed = (what: string): void =>
        reject(new Error(`"${heading}" ${what}: ${this.#said.slice(from).slice(-2_000)} ${this.#logs()}`));
      limit = setTimeout(() => failed(`is not done within ${STEP_LIMIT_MS} ms`), STEP_LIMIT_MS);
      this.#heard = () => {
        if (this.#said.includes(end, from)) resolve();
        else if (this.#shell.exitCode !== null) failed(`ended with ${this.#shell.exitCode}`);
      };
      this.#shell.stdin.write(`${commands}\necho '${end}'\n`);
    }).finally(() => clearTimeout(limit));
  }

  #logs(): string {
    return NODES.map((id) => `--- node ${id}\n${this.#logOf(id).slice(-800)}`).join('\n');
  }

  #logOf(id: number): string {
    const file = join(this.#directory, `node${id}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Of Apache Kafka: Ottla's lines say other things. */
  checkFaults(): void {
    for (const id of NODES) {
      const lines = this.#logOf(id)
        .split('\n')
        .filter((line) => FAULT.test(line));
      same(lines.slice(0, 3), [], `faults in the log of node ${id}`);
    }
  }

  /** Ends what still runs. */
  leave(): void {
    this.#shell.kill('SIGKILL');
    for (const id of NODES) {
      const file = join(this.#directory, `node${id}.pid`);
      if (existsSync(file)) endProcess(Number(readFileSync(file, 'utf8')));
    }
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Four digits; behind them each of the nodes' ids makes a port that is free. */
async function freePrefix(taken: string): Promise<string> {
  for (;;) {
    const prefix = String(await freePort()).slice(0, 4);
    if (prefix !== taken && (await Promise.all(NODES.map((id) => isFree(Number(`${prefix}${id}`))))).every(Boolean))
      return prefix;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
