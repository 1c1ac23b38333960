// Who is measured: Ottla in both validations, Apache Kafka 4.3.1 with the settings of its own start script, and the
// floor, a C program that does the least that has to be done; kfake, the fake cluster in memory that Go programs test
// against; Tansu, a broker in Rust, over its storage in memory.

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { apache } from '../conformance/targets/apache.ts';
import { ottla } from '../conformance/targets/ottla.ts';
import { kfakeProgram, startKfake } from '../conformance/targets/kfake.ts';
import { freePort, type RunningBroker, running, untilServing } from '../conformance/targets/target.ts';
import { execOk } from '../conformance/toolchain/exec.ts';
import type { KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { createTopics, deleteTopics } from '../conformance/wire/requests.ts';

/** `before`: another build of Ottla, to see what a change costs. */
export type ContenderName = 'ottla' | 'before' | 'ottla-strict' | 'apache' | 'kfake' | 'tansu' | 'floor';

export interface Contender {
  readonly name: ContenderName;
  readonly broker: RunningBroker;
  /** A topic of one partition. */
  create(topic: string): Promise<void>;
  /** Frees what it took on the disk before the next one is measured. */
  discard(topic: string): Promise<void>;
}

/** kafka-server-start.sh and kafka-run-class.sh of the release: heap, collector and flags. */
export const APACHE_FLAGS = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
];

/** config/server.properties of the release, where it differs from the defaults in the code. */
const APACHE_PROPERTIES = {
  'node.id': '1',
  'num.recovery.threads.per.data.dir': '1',
  'log.retention.hours': '168',
  'offsets.topic.replication.factor': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
};

/** Deleted segments go at once: a bench must not fill the disk. */
const TOPIC_CONFIGS = { 'file.delete.delay.ms': '0' };

export async function startContender(
  name: ContenderName,
  directory: string,
  tools: {
    readonly jars: KafkaJars | string;
    readonly floor: string | undefined;
    /** Compiled bench/kfake. */
    readonly kfake: string | undefined;
    /** For Ottla; flags of node. */
    readonly nodeFlags: readonly string[];
    /** The command line of the build of before. */
    readonly before: string | undefined;
  },
): Promise<Contender | string> {
  const dataDirectory = join(directory, name);
  if (name === 'floor') return tools.floor === undefined ? 'no gcc' : startFloor(tools.floor, dataDirectory);
  if (name === 'kfake') return tools.kfake === undefined ? 'no go' : withTopics(name, await startKfake(tools.kfake));
  if (name === 'tansu') {
    const program = process.env['OTTLA_TANSU'];
    return program === undefined ? 'OTTLA_TANSU names no program' : withTopics(name, await startTansu(program));
  }
  if (name === 'apache') {
    if (typeof tools.jars === 'string') return tools.jars;
    const target = apache(tools.jars, APACHE_FLAGS);
    return withTopics(name, await target.start({ dataDirectory, bare: true, properties: APACHE_PROPERTIES }));
  }
  const validation = name === 'ottla-strict' ? 'strict' : 'header';
  const properties = { 'ottla.produce.validation': validation };
  const cli = name === 'before' ? tools.before : undefined;
  const target = ottla({ nodeFlags: tools.nodeFlags, cli });
  return withTopics(name, await target.start({ dataDirectory, bare: true, properties }));
}

/** Topics are made over the listener without TLS or login, at `broker.bootstrap`. */
export function withTopics(name: ContenderName, broker: RunningBroker): Contender {
  const call = async (action: (connection: WireConnection) => Promise<void>): Promise<void> => {
    try {
      const connection = await WireConnection.open(broker.bootstrap);
      await action(connection).finally(() => connection.close());
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}\n${broker.log().slice(-1_500)}`);
    }
  };
  return {
    name,
    broker,
    create: (topic) => call((c) => createTopics(c, [{ name: topic, partitions: 1, configs: TOPIC_CONFIGS }])),
    discard: (topic) => call((c) => deleteTopics(c, [topic])),
  };
}

/** Compiles bench/floor.c; undefined where there is no compiler for it. */
export async function compileFloor(into: string): Promise<string | undefined> {
  const binary = join(into, 'floor');
  const source = join(import.meta.dirname, 'floor.c');
  try {
    await execOk('gcc', ['-O2', '-msse4.2', '-o', binary, source]);
    return binary;
  } catch {
    return undefined;
  }
}

/** Compiles bench/kfake; undefined where there is no Go, or its modules cannot be had. */
export async function compileKfake(): Promise<string | undefined> {
  const built = await kfakeProgram();
  return typeof built === 'string' ? undefined : built.program;
}

/** What it has compiled in of storages is tried with the one that waits for no disk and no network. */
async function startTansu(program: string): Promise<RunningBroker> {
  const bootstrap = `127.0.0.1:${await freePort()}`;
  const url = `tcp://${bootstrap}`;
  const where = ['--listener-url', url, '--advertised-listener-url', url, '--storage-engine', 'memory://tansu/'];
  const child = spawn(program, ['broker', '--silent', ...where], { stdio: ['ignore', 'pipe', 'pipe'] });
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, TANSU_START_MS);
  return broker;
}
const TANSU_START_MS = 30_000;

async function startFloor(binary: string, dataDirectory: string): Promise<Contender> {
  mkdirSync(dataDirectory, { recursive: true });
  const port = await freePort();
  const child = spawn(binary, [String(port), dataDirectory], { stdio: ['ignore', 'pipe', 'pipe'] });
  const bootstrap = `127.0.0.1:${port}`;
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, 5_000);
  return {
    name: 'floor',
    broker,
    // It makes a file for whatever it is asked for.
    create: () => Promise.resolve(),
    discard: (topic) => {
      for (const file of readdirSync(dataDirectory)) {
        if (file.startsWith(`${topic}-`)) truncateSync(join(dataDirectory, file), 0);
      }
      return Promise.resolve();
    },
  };
}
