// A Kafka Streams application of three parts (words counted, sums in windows, orders joined with customers) with the classic and
// with the streams protocol: every input counted exactly once, whoever is killed meanwhile.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { freePort, type RunningBroker } from '../targets/target.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';
import { streamsJars } from '../toolchain/streams-jars.ts';
import { compileStreams, STREAMS_GROUPS, StreamsJob, type StreamsProgram } from './streams-job.ts';

const RECORDS = Number(process.env['OTTLA_STREAMS_RECORDS'] ?? 20_000);
/** Of the broker; the workers, two, are killed in between. */
const KILLS = Number(process.env['OTTLA_STREAMS_KILLS'] ?? 3);
const BETWEEN_KILLS_MS = 5_000;
const SECONDS_AFTER = Number(process.env['OTTLA_STREAMS_SECONDS'] ?? 180);

export const streams: Suite = {
  name: 'streams',
  isBlackBox: true,
  available: streamsAvailable,
  run,
};

export async function streamsAvailable(jars: SuiteContext['jars']): ReturnType<Suite['available']> {
  if (typeof jars === 'string') return { missing: jars };
  const found = await streamsJars(jars);
  return typeof found === 'string' ? { missing: found } : { version: KAFKA_VERSION };
}

async function run(context: SuiteContext): Promise<void> {
  const { cases } = context;
  const program = await compileStreams(context);
  for (const protocol of ['classic', 'streams']) {
    await cases.run(
      `${protocol}: every input counted once`,
      () => new Run(context, program, protocol, 'at_least_once').quietly(),
      SECONDS_AFTER * 2_000,
    );
    await cases.run(
      `${protocol}, exactly_once_v2: every input counted once, workers and broker killed ${KILLS} times`,
      () => new Run(context, program, protocol, 'exactly_once_v2').amongKills(),
      SECONDS_AFTER * 2_000 + KILLS * 60_000,
    );
  }
}

/** The job once, on a broker of its own. */
class Run {
  readonly #context: SuiteContext;
  readonly #job: StreamsJob;
  readonly #protocol: string;
  readonly #home: string;
  #broker: RunningBroker | undefined;
  #port = 0;

  constructor(context: SuiteContext, program: StreamsProgram, protocol: string, guarantee: string) {
    this.#context = context;
    this.#protocol = protocol;
    this.#home = join(context.scratch, `${protocol}-${guarantee}`);
    this.#job = new StreamsJob(program, { protocol, guarantee, records: RECORDS, home: this.#home });
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
      const fed = this.#job.feed(this.#bootstrap, feedSeconds);
      for (let kill = 0; kill < kills; kill++) await this.#kill(kill);
      await fed;
      await this.#job.check(SECONDS_AFTER);
    } finally {
      this.#job.end();
      await this.#broker?.stop();
    }
  }

  async #startBroker(): Promise<void> {
    const dataDirectory = join(this.#home, 'broker');
    this.#broker = await this.#context.target.start({ dataDirectory, port: this.#port, properties: STREAMS_GROUPS });
  }

  /** The broker, and one of the workers, in the middle of their work. */
  async #kill(turn: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS_MS));
    await this.#broker?.kill();
    await this.#startBroker();
    this.#job.killWorker(turn);
    this.#context.progress(`${this.#protocol}: ${turn + 1} kills`);
  }
}
