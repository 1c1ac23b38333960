// Exactly once on three nodes, one of which is killed every 15 seconds, with links that are cut and leaders that are moved every 20:
// a Kafka Streams application of either protocol, and confluent-kafka-python's job that consumes, transforms and produces.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../../suite.ts';
import { KAFKA_VERSION } from '../../toolchain/kafka-jars.ts';
import { pythonEnvironment } from '../../toolchain/python.ts';
import { CONFLUENT_PYTHON, CopyJob } from '../copy-job.ts';
import { streamsAvailable } from '../streams.ts';
import { compileStreams, StreamsJob } from '../streams-job.ts';
import { ChaosWorld } from './chaos-world.ts';

/** Of the copying job, and of each of the three inputs of the other one. */
const RECORDS = Number(process.env['OTTLA_CHAOS_RECORDS'] ?? 20_000);
/** The input comes over this time, and in this time nodes are struck. */
const SECONDS = Number(process.env['OTTLA_CHAOS_SECONDS'] ?? 60);
const SECONDS_AFTER = Number(process.env['OTTLA_CHAOS_SECONDS_AFTER'] ?? 240);
const LIMIT_MS = (SECONDS * 2 + SECONDS_AFTER + 300) * 1_000;
const REPLICAS = 3;

interface Job {
  feed(bootstrap: string): Promise<void>;
  check(seconds: number): Promise<void>;
  end(): void;
}

export const chaos: Suite = {
  name: 'chaos',
  isBlackBox: true,
  available: async (jars) => {
    const streams = await streamsAvailable(jars);
    if ('missing' in streams) return streams;
    const python = await confluentPython();
    return typeof python === 'string' ? { missing: python } : { version: KAFKA_VERSION };
  },
  run,
};

const confluentPython = () => pythonEnvironment('confluent-kafka', [`confluent-kafka==${CONFLUENT_PYTHON}`]);

async function run(context: SuiteContext): Promise<void> {
  const jobs = await jobsOf(context);
  const wanted = process.env['OTTLA_CHECKS'] ?? '';
  for (const [name, make] of Object.entries(jobs).filter(([one]) => one.includes(wanted))) {
    const directory = name.replaceAll(/\W+/g, '-');
    await context.cases.run(`${name}: each once`, () => struck(context, directory, make()), LIMIT_MS);
  }
}

/** By name; each is made when it is its turn. */
async function jobsOf(context: SuiteContext): Promise<Readonly<Record<string, () => Job>>> {
  const python = await confluentPython();
  if (typeof python === 'string') throw new Error(python);
  const program = await compileStreams(context);
  const streams = (protocol: string) => (): Job => {
    const home = join(context.scratch, `workers-${protocol}`);
    const job = new StreamsJob(program, { protocol, guarantee: 'exactly_once_v2', records: RECORDS, home });
    return {
      feed: (bootstrap) => job.feed(bootstrap, SECONDS),
      check: (seconds) => job.check(seconds),
      end: () => job.end(),
    };
  };
  const copying = (): Job => {
    const job = new CopyJob(python.python, RECORDS);
    return {
      feed: (bootstrap) => job.feed(bootstrap, SECONDS, REPLICAS),
      check: (seconds) => job.check(seconds),
      end: () => job.end(),
    };
  };
  return {
    'consume, transform, produce': copying,
    'Kafka Streams, classic, exactly_once_v2': streams('classic'),
    'Kafka Streams, streams, exactly_once_v2': streams('streams'),
  };
}

async function struck(context: SuiteContext, name: string, job: Job): Promise<void> {
  const world = await ChaosWorld.start(context, name);
  try {
    await world.during(job.feed(world.cluster.bootstrap));
    context.progress(`     ${world.told}`);
    await job.check(SECONDS_AFTER);
  } finally {
    job.end();
    await world.end();
  }
}
