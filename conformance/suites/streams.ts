// A Kafka Streams application of three parts (words counted, sums in windows, orders joined with customers) with the classic and
// with the streams protocol: every input counted exactly once, whoever is killed meanwhile.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Skip, type Suite, type SuiteContext, that } from '../suite.ts';
import { freePort, type RunningBroker } from '../targets/target.ts';
import { describeEnd } from '../toolchain/exec.ts';
import { compileJava, type JavaProgram } from '../toolchain/java-program.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';
import { streamsJars } from '../toolchain/streams-jars.ts';
import { apiVersions } from '../wire/requests.ts';
import { WireConnection } from '../wire/connection.ts';

const RECORDS = Number(process.env['OTTLA_STREAMS_RECORDS'] ?? 20_000);
/** Of the broker; the workers, two, are killed in between. */
const KILLS = Number(process.env['OTTLA_STREAMS_KILLS'] ?? 3);
const BETWEEN_KILLS_MS = 5_000;
/** Between the times of two records (StreamsJob). */
const STEP_MS = 10;
const SECONDS_AFTER = Number(process.env['OTTLA_STREAMS_SECONDS'] ?? 180);
const SOURCES = join(import.meta.dirname, '..', 'clients', 'streams');
const MAIN = 'StreamsJob';
const END_TXN = 26;
const PROPERTIES = {
  'group.streams.initial.rebalance.delay.ms': '500',
  'group.streams.min.session.timeout.ms': '6000',
  'group.streams.session.timeout.ms': '6000',
  'group.streams.min.heartbeat.interval.ms': '500',
  'group.streams.heartbeat.interval.ms': '1000',
};

export const streams: Suite = {
  name: 'streams',
  isBlackBox: true,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    const found = await streamsJars(jars);
    return typeof found === 'string' ? { missing: found } : { version: KAFKA_VERSION };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const { jars, scratch, cases } = context;
  if (typeof jars === 'string') throw new Error(jars);
  const classPath = await streamsJars(jars);
  if (typeof classPath === 'string') throw new Error(classPath);
  const classes = join(scratch, 'classes');
  mkdirSync(classes);
  const program = await compileJava(SOURCES, classPath, classes);
  const path = [classes, ...classPath].join(':');
  for (const protocol of ['classic', 'streams']) {
    await cases.run(
      `${protocol}: every input counted once`,
      () => new Job(context, program, path, protocol, 'at_least_once').quietly(),
      SECONDS_AFTER * 2_000,
    );
    await cases.run(
      `${protocol}, exactly_once_v2: every input counted once, workers and broker killed ${KILLS} times`,
      () => new Job(context, program, path, protocol, 'exactly_once_v2').amongKills(),
      SECONDS_AFTER * 2_000 + KILLS * 60_000,
    );
  }
}

class Job {
  readonly #context: SuiteContext;
  readonly #program: JavaProgram;
  readonly #classPath: string;
  readonly #protocol: string;
  readonly #guarantee: string;
  readonly #home: string;
  /** None of the records' times is in the future: a broker refuses what is an hour ahead. */
  readonly #baseMs = Date.now() - RECORDS * STEP_MS;
  readonly #workers: ChildProcess[] = [];
  #broker: RunningBroker | undefined;
  #port = 0;

  constructor(context: SuiteContext, program: JavaProgram, classPath: string, protocol: string, guarantee: string) {
    this.#context = context;
    this.#program = program;
    this.#classPath = classPath;
    this.#protocol = protocol;
    this.#guarantee = guarantee;
    this.#home = join(context.scratch, `${protocol}-${guarantee}`);
    mkdirSync(this.#home);
  }

  get #bootstrap(): string {
    return `127.0.0.1:${this.#port}`;
  }

  quietly(): Promise<void> {
    return this.#work(0, 0);
  }
  amongKills(): Promise<void> {
    return this.#work(KILLS, (KILLS * BETWEEN_KILLS_MS) / 1_000);
  }

  async #work(kills: number, feedSeconds: number): Promise<void> {
    this.#port = await freePort();
    await this.#startBroker();
    try {
      if (this.#guarantee !== 'at_least_once') await this.#needTransactions();
      const base = String(this.#baseMs);
      const fed = this.#run(['feed', this.#bootstrap, String(RECORDS), base, String(feedSeconds)], 600);
      for (let index = 0; index < 2; index++) this.#startWorker(index);
      for (let kill = 0; kill < kills; kill++) await this.#kill(kill);
      await fed;
      await this.#run(['check', this.#bootstrap, String(RECORDS), base, String(SECONDS_AFTER)], SECONDS_AFTER + 60);
    } finally {
      for (const worker of this.#workers) worker.kill('SIGKILL');
      await this.#broker?.stop();
    }
  }

  async #startBroker(): Promise<void> {
    const dataDirectory = join(this.#home, 'broker');
    this.#broker = await this.#context.target.start({ dataDirectory, port: this.#port, properties: PROPERTIES });
  }

  async #needTransactions(): Promise<void> {
    const connection = await WireConnection.open(this.#bootstrap);
    const served = await apiVersions(connection);
    await connection.close();
    if (!served.has(END_TXN)) throw new Skip('transactions are not served');
  }

  #startWorker(index: number): void {
    const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', this.#classPath];
    const directory = join(this.#home, `worker-${index}`);
    const args = [...flags, MAIN, 'work', this.#bootstrap, this.#protocol, this.#guarantee, directory, '2'];
    this.#workers[index] = spawn('java', args, { stdio: 'ignore' });
  }

  /** The broker, and one of the workers, in the middle of their work. */
  async #kill(turn: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS_MS));
    await this.#broker?.kill();
    await this.#startBroker();
    const index = turn % 2;
    this.#workers[index]?.kill('SIGKILL');
    this.#startWorker(index);
    this.#context.progress(`${this.#protocol}: ${turn + 1} kills`);
  }

  async #run(args: readonly string[], seconds: number): Promise<void> {
    const finished = await this.#program.run(MAIN, args, seconds * 1_000);
    that(finished.status === 0, `${finished.stdout.slice(-2_000)} ${describeEnd(finished)}`);
  }
}
