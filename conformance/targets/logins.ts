// A broker of either kind with the listeners, users and keys of the recorded logins (test/fixtures/security): ours, or Apache Kafka
// itself, for the suites of secured clients.

import { mkdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SuiteContext } from '../suite.ts';
import { execOk } from '../toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { type LoginTarget, KEYS, recordedSettings, startLoginTarget } from '../transcripts/login-target.ts';
import { running, untilServing } from './target.ts';

const RECORDED = fileURLToPath(new URL('../../test/fixtures/security/login-transcripts.jsonl.gz', import.meta.url));
const START_TIMEOUT_MS = 240_000;
const CLUSTER_ID = 'Ottla-conformance-000A';
const TOOL_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** A JVM reads a file of keys only where it is told that it may. */
const BROKER_FLAGS = [
  '-Xmx768m',
  '-XX:+UseSerialGC',
  '-Dottla.log.level=INFO',
  `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${KEYS}/jwks.json`,
];

interface LoginOptions {
  /** Of its directory, below the scratch directory. */
  readonly name: string;
  /** Rows of the recorded settings that are left out. */
  readonly without?: RegExp;
  /** Rows that stand behind them. */
  readonly more?: readonly string[];
}

/** Throws when it does not start. */
export function startLogins({ target, jars, scratch }: SuiteContext, options: LoginOptions): Promise<LoginTarget> {
  if (target.name !== 'apache') return startLoginTarget(RECORDED, false, options.without, options.more);
  if (typeof jars === 'string') throw new Error(jars);
  return startApache(jars, join(scratch, options.name), options);
}

async function startApache(jars: KafkaJars, directory: string, { without, more }: LoginOptions): Promise<LoginTarget> {
  const { ports, rows } = await recordedSettings(RECORDED, without, more);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'server.properties');
  const quorum = `controller.quorum.bootstrap.servers=127.0.0.1:${ports.get('CONTROLLER')}`;
  writeFileSync(file, [...rows, quorum, `log.dirs=${join(directory, 'data')}`, ''].join('\n'));
  const format = ['format', '-t', CLUSTER_ID, '-c', file, '--standalone'];
  await execOk('java', [...javaArguments(jars, TOOL_FLAGS, 'kafka.tools.StorageTool'), ...format]);
  const child = spawn('java', [...javaArguments(jars, BROKER_FLAGS, 'kafka.Kafka'), file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const address = `127.0.0.1:${ports.get('PLAINTEXT')}`;
  const broker = running(child, address);
  try {
    await untilServing(child, address, START_TIMEOUT_MS);
  } catch (error) {
    await broker.kill();
    throw new Error(`Apache Kafka: ${(error as Error).message}: ${broker.log().slice(-1_500)}`, { cause: error });
  }
  return { ports, output: () => broker.log(), stop: async () => void (await broker.stop()) };
}
