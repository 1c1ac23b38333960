// Apache Kafka as one combined node. What is red on 4.3.1 does not count against us; 3.9 is what clients meet elsewhere.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execOk } from '../toolchain/exec.ts';
import { javaArguments, KAFKA_VERSION, type KafkaJars } from '../toolchain/kafka-jars.ts';
import {
  freePort,
  PROFILE,
  type RunningBroker,
  running,
  type StartOptions,
  type Target,
  untilServing,
} from './target.ts';

/** Under load a JVM takes a minute and more; OTTLA_PATIENCE_MS for still more of it. */
const START_TIMEOUT_MS = Math.max(240_000, Number(process.env['OTTLA_PATIENCE_MS'] ?? 0));
const CLUSTER_ID = 'Ottla-conformance-000A';
const TOOL_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** Enough for the suites; the bench gives its own. */
const SUITE_FLAGS = ['-Xmx768m', '-Xms128m', '-XX:+UseSerialGC'];

/** The last release before 4. */
export const OLDER_KAFKA_VERSION = '3.9.1';
/** It has groups of KIP-848 for those who ask for them, and knows of no later kind. */
const OLDER_PROPERTIES = { 'group.coordinator.rebalance.protocols': 'classic,consumer' };

interface Release {
  readonly jars: KafkaJars;
  readonly flags: readonly string[];
  /** Above the profile. */
  readonly properties: Readonly<Record<string, string>>;
}

export function apache(jars: KafkaJars, flags: readonly string[] = SUITE_FLAGS): Target {
  const release = { jars, flags, properties: {} };
  return { name: 'apache', version: KAFKA_VERSION, start: (options) => startApache(release, options) };
}

export function olderApache(jars: KafkaJars): Target {
  const release = { jars, flags: SUITE_FLAGS, properties: OLDER_PROPERTIES };
  return { name: 'apache-3.9', version: OLDER_KAFKA_VERSION, start: (options) => startApache(release, options) };
}

async function startApache(release: Release, start: StartOptions): Promise<RunningBroker> {
  const { jars, flags } = release;
  const port = start.port ?? (await freePort());
  const controllerPort = start.controllerPort ?? (await freePort());
  const host = start.host ?? '127.0.0.1';
  const clientListeners = [`PLAINTEXT://${host}:${port}`, ...(start.moreListeners ?? [])].join(',');
  const [firstDirectory = start.dataDirectory] = start.properties?.['log.dirs']?.split(',') ?? [];
  const isFormatted = existsSync(join(firstDirectory, 'meta.properties'));
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `${clientListeners},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': clientListeners,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': start.dataDirectory,
    ...(start.bare === true ? { 'node.id': '0' } : PROFILE),
    ...release.properties,
    ...start.properties,
  };
  mkdirSync(start.dataDirectory, { recursive: true });
  const file = `${start.dataDirectory}.properties`;
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  if (!isFormatted) {
    const format = ['format', '-t', CLUSTER_ID, '-c', file, '--standalone'];
    await execOk('java', [...javaArguments(jars, TOOL_FLAGS, 'kafka.tools.StorageTool'), ...format]);
  }
  const limit = start.maxOpenFiles === undefined ? '' : `ulimit -n ${start.maxOpenFiles} && `;
  const java = javaArguments(jars, ['-Dottla.log.level=INFO', ...flags], 'kafka.Kafka');
  const child = spawn('sh', ['-c', `${limit}exec java "$@"`, 'java', ...java, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const bootstrap = `${host}:${port}`;
  const broker = running(child, bootstrap);
  try {
    await untilServing(child, bootstrap, START_TIMEOUT_MS);
  } catch (error) {
    await broker.kill();
    const fatal =
      broker
        .log()
        .split('\n')
        .find((line) => /Exception: /.test(line)) ?? '';
    throw new Error(`Apache Kafka: ${(error as Error).message}: ${fatal} ${broker.log().slice(-1_500)}`);
  }
  return broker;
}
