// A job of confluent-kafka-python that copies records, each in one transaction with its offset, while brokers and workers are
// killed: every input comes out exactly once.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { freePort, type RunningBroker } from '../targets/target.ts';
import { describeEnd, exec } from '../toolchain/exec.ts';
import { pythonEnvironment } from '../toolchain/python.ts';

const RECORDS = Number(process.env['OTTLA_COPY_RECORDS'] ?? 20_000);
/** Of the broker; the workers, two, are killed in between. */
const KILLS = Number(process.env['OTTLA_COPY_KILLS'] ?? 3);
const BETWEEN_KILLS_MS = 5_000;
const SECONDS_AFTER = Number(process.env['OTTLA_COPY_SECONDS'] ?? 180);
export const CONFLUENT_PYTHON = '2.16.1';
const PROGRAM = join(import.meta.dirname, '..', 'clients', 'confluent-python', 'copy_job.py');
const WORKERS = 2;
/** A worker whose producer was fenced, or that saw a fatal error, ends and is started again, as a supervisor would. */
const RESTART_MS = 500;

const python = () => pythonEnvironment('confluent-kafka', [`confluent-kafka==${CONFLUENT_PYTHON}`]);

export const copyJob: Suite = {
  name: 'copy-job',
  isBlackBox: true,
  available: async () => {
    const found = await python();
    return typeof found === 'string' ? { missing: found } : { version: CONFLUENT_PYTHON };
  },
  run: async (context) => {
    const found = await python();
    if (typeof found === 'string') throw new Error(found);
    await context.cases.run(
      `every input copied once, workers and broker killed ${KILLS} times`,
      () => amongKills(context, new CopyJob(found.python, RECORDS)),
      SECONDS_AFTER * 2_000 + KILLS * 60_000,
    );
  },
};

export interface CopyJobOptions {
  /** The directory in which it stands why workers ended, and what the feeder's librdkafka did; left out: nowhere. */
  readonly logs?: string;
  readonly progress?: (line: string) => void;
}

/** The job itself, wherever it runs. */
export class CopyJob {
  readonly #python: string;
  readonly #records: number;
  readonly #options: CopyJobOptions;
  readonly #workers: (ChildProcess | undefined)[] = [];
  #bootstrap = '';
  #isOver = false;

  constructor(interpreter: string, records: number, options: CopyJobOptions = {}) {
    this.#python = interpreter;
    this.#records = records;
    this.#options = options;
  }

  /** Resolves when all input has been written, over so many seconds; the workers are at it by then. */
  async feed(bootstrap: string, seconds: number, replicas: number): Promise<void> {
    this.#bootstrap = bootstrap;
    const { logs } = this.#options;
    const log = logs === undefined ? [] : [join(logs, 'feeder.log')];
    const args = [String(this.#records), String(seconds), String(replicas), ...log];
    const fed = this.#run(['feed', bootstrap, ...args], seconds + 600);
    for (let index = 0; index < WORKERS; index++) this.#startWorker(index);
    const told = await fed;
    if (told !== '') this.#options.progress?.(told);
  }

  /** kill -9, and another one in its place. */
  killWorker(index: number): void {
    this.#workers[index % WORKERS]?.kill('SIGKILL');
  }

  async check(seconds: number): Promise<void> {
    await this.#run(['check', this.#bootstrap, String(this.#records), String(seconds)], seconds + 60);
  }

  end(): void {
    this.#isOver = true;
    for (const worker of this.#workers) worker?.kill('SIGKILL');
  }

  #startWorker(index: number): void {
    const { logs } = this.#options;
    const log = logs === undefined ? undefined : openSync(join(logs, `worker-${index}.log`), 'a');
    const args = [PROGRAM, 'work', this.#bootstrap, String(index)];
    const worker = spawn(this.#python, args, { stdio: ['ignore', 'ignore', log ?? 'ignore'] });
    if (log !== undefined) closeSync(log);
    this.#workers[index] = worker;
    worker.once('exit', () => {
      if (!this.#isOver) setTimeout(() => this.#isOver || this.#startWorker(index), RESTART_MS);
    });
  }

  async #run(args: readonly string[], seconds: number): Promise<string> {
    const finished = await exec(this.#python, [PROGRAM, ...args], { timeoutMs: seconds * 1_000 });
    that(finished.status === 0, `${finished.stdout.slice(-1_000)} ${describeEnd(finished)}`);
    return finished.stdout.trim();
  }
}

async function amongKills({ target, scratch, progress }: SuiteContext, job: CopyJob): Promise<void> {
  const port = await freePort();
  const start = (): Promise<RunningBroker> => target.start({ dataDirectory: join(scratch, 'broker'), port });
  let broker = await start();
  try {
    const fed = job.feed(`127.0.0.1:${port}`, (KILLS * BETWEEN_KILLS_MS) / 1_000, 1);
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS_MS));
      await broker.kill();
      broker = await start();
      job.killWorker(kill);
      progress(`${kill + 1} kills`);
    }
    await fed;
    await job.check(SECONDS_AFTER);
  } finally {
    job.end();
    await broker.stop();
  }
}
