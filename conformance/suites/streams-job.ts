// The Kafka Streams application of clients/streams, as a process that feeds it, workers that can be killed, and a process that
// judges what has come out.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SuiteContext, that } from '../suite.ts';
import { describeEnd } from '../toolchain/exec.ts';
import { compileJava, type JavaProgram } from '../toolchain/java-program.ts';
import { streamsJars } from '../toolchain/streams-jars.ts';

/** Between the times of two records (StreamsJob.java). */
const STEP_MS = 10;
const SOURCES = join(import.meta.dirname, '..', 'clients', 'streams');
const MAIN = 'StreamsJob';
const WORKERS = 2;
const FEED_LIMIT_SECONDS = 600;
/** What its group of the streams protocol is asked for: members that go are missed soon. */
export const STREAMS_GROUPS = {
  'group.streams.initial.rebalance.delay.ms': '500',
  'group.streams.min.session.timeout.ms': '6000',
  'group.streams.session.timeout.ms': '6000',
  'group.streams.min.heartbeat.interval.ms': '500',
  'group.streams.heartbeat.interval.ms': '1000',
};

/** The compiled application. */
export interface StreamsProgram {
  readonly program: JavaProgram;
  readonly classPath: string;
}

/** Throws with the reason when there is no Java, or no Kafka Streams. */
export async function compileStreams({ jars, scratch }: SuiteContext): Promise<StreamsProgram> {
  if (typeof jars === 'string') throw new Error(jars);
  const classPath = await streamsJars(jars);
  if (typeof classPath === 'string') throw new Error(classPath);
  const classes = join(scratch, 'classes');
  mkdirSync(classes);
  const program = await compileJava(SOURCES, classPath, classes);
  return { program, classPath: [classes, ...classPath].join(':') };
}

export interface StreamsJobOptions {
  readonly protocol: string;
  readonly guarantee: string;
  /** Of each of its three inputs. */
  readonly records: number;
  /** Made by the job; the state of its workers. */
  readonly home: string;
}

export class StreamsJob {
  readonly #program: StreamsProgram;
  readonly #options: StreamsJobOptions;
  /** None of the records' times is in the future: a broker refuses what is an hour ahead. */
  readonly #baseMs: string;
  readonly #workers: ChildProcess[] = [];
  #bootstrap = '';

  constructor(program: StreamsProgram, options: StreamsJobOptions) {
    this.#program = program;
    this.#options = options;
    this.#baseMs = String(Date.now() - options.records * STEP_MS);
    mkdirSync(options.home, { recursive: true });
  }

  /** Resolves when all input has been written, over so many seconds; the workers are at it by then. */
  async feed(bootstrap: string, seconds: number): Promise<void> {
    this.#bootstrap = bootstrap;
    const args = ['feed', bootstrap, String(this.#options.records), this.#baseMs, String(seconds)];
    const fed = this.#run(args, seconds + FEED_LIMIT_SECONDS);
    for (let index = 0; index < WORKERS; index++) this.#startWorker(index);
    await fed;
  }

  /** kill -9, and another one in its place. */
  killWorker(turn: number): void {
    const index = turn % WORKERS;
    this.#workers[index]?.kill('SIGKILL');
    this.#startWorker(index);
  }

  async check(seconds: number): Promise<void> {
    const args = ['check', this.#bootstrap, String(this.#options.records), this.#baseMs, String(seconds)];
    await this.#run(args, seconds + 60);
  }

  end(): void {
    for (const worker of this.#workers) worker.kill('SIGKILL');
  }

  #startWorker(index: number): void {
    const { protocol, guarantee, home } = this.#options;
    const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', this.#program.classPath];
    const args = [...flags, MAIN, 'work', this.#bootstrap, protocol, guarantee, join(home, `worker-${index}`), '2'];
    this.#workers[index] = spawn('java', args, { stdio: 'ignore' });
  }

  async #run(args: readonly string[], seconds: number): Promise<void> {
    const finished = await this.#program.program.run(MAIN, args, seconds * 1_000);
    that(finished.status === 0, `${finished.stdout.slice(-2_000)} ${describeEnd(finished)}`);
  }
}
