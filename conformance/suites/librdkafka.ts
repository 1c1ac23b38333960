// librdkafka's own tests, one process each with a time limit, so that one that hangs cannot hide the rest.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Skip, type Suite, type SuiteContext } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { describeEnd, exec } from '../toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { type Librdkafka, librdkafkaTests, TESTS_VERSION } from '../toolchain/librdkafka.ts';
import { WireConnection } from '../wire/connection.ts';
import { apiVersions } from '../wire/requests.ts';

/** Tests that need neither a group nor a second broker. */
const LIST_W1 = '0001 0002 0005 0008 0011 0013 0017 0021 0035 0036 0038 0041 0048 0063 0070 0085 0110 0114 0125';
const TEST_LIMIT_MS = 300_000;
/**
 * 0008 produces to a just auto-created topic without idempotence: its first batch may be retried behind the second,
 * on Apache Kafka too. It may try twice.
 */
const RACES = new Set(['0008']);
/** On the list of tests without groups, but 0125 reads its records back through a subscription. */
const SUBSCRIBES = new Set(['0125']);
const JOIN_GROUP = 11;

export const librdkafka: Suite = {
  name: 'librdkafka',
  isBlackBox: true,
  available: async () => {
    const built = await librdkafkaTests();
    return typeof built === 'string' ? { missing: built } : { version: `${TESTS_VERSION}, list w1` };
  },
  run,
};

async function run({ target, scratch, cases, jars }: SuiteContext): Promise<void> {
  const built = await librdkafkaTests();
  if (typeof built === 'string') throw new Error(built);
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const env = environment(built, broker, jars, scratch);
  const servesGroups = await serves(broker, JOIN_GROUP);
  for (const test of LIST_W1.split(' ')) {
    const body = (): Promise<void> => {
      if (SUBSCRIBES.has(test) && !servesGroups)
        throw new Skip('subscribes with a group, and groups are not served yet');
      return runTest(test, built, env);
    };
    await cases.run(test, body, TEST_LIMIT_MS * 2 + 10_000);
  }
}

async function serves(broker: RunningBroker, apiKey: number): Promise<boolean> {
  const connection = await WireConnection.open(broker.bootstrap);
  const advertised = await apiVersions(connection);
  await connection.close();
  return advertised.has(apiKey);
}

function environment(
  built: Librdkafka,
  broker: RunningBroker,
  jars: KafkaJars | string,
  scratch: string,
): Record<string, string> {
  const configuration = join(scratch, 'test.conf');
  const lines = [`metadata.broker.list=${broker.bootstrap}`, 'broker.address.family=v4'];
  writeFileSync(configuration, [...lines, 'test.timeout.multiplier=2', 'test.topic.random=true', ''].join('\n'));
  return {
    LD_LIBRARY_PATH: `${built.directory}/src:${built.directory}/src-cpp`,
    RDKAFKA_TEST_CONF: configuration,
    // The default, 2.4, takes branches for brokers of before 4.0.
    TEST_KAFKA_VERSION: '4.2.0',
    KAFKA_PATH: kafkaPath(jars, scratch),
    BROKERS: broker.bootstrap,
  };
}

/** Some tests call Kafka's own shell scripts. */
function kafkaPath(jars: KafkaJars | string, scratch: string): string {
  const home = join(scratch, 'kafka');
  mkdirSync(join(home, 'bin'), { recursive: true });
  if (typeof jars === 'string') return home;
  const scripts = { 'kafka-topics.sh': 'TopicCommand', 'kafka-acls.sh': 'AclCommand' };
  for (const [name, main] of Object.entries(scripts)) {
    const java = javaArguments(jars, ['-Xmx256m'], `org.apache.kafka.tools.${main}`).map((word) => `'${word}'`);
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\nexec java ${java.join(' ')} "$@"\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  return home;
}

async function runTest(test: string, built: Librdkafka, env: Record<string, string>): Promise<void> {
  // 0053 opens ../src/statistics_schema.json.
  const cwd = join(built.directory, 'tests');
  for (let attempt = RACES.has(test) ? 2 : 1; ; attempt--) {
    const options = { cwd, env: { ...env, TESTS: test }, timeoutMs: TEST_LIMIT_MS };
    const finished = await exec(join(cwd, 'test-runner'), ['-L', '-p1'], options);
    const output = finished.stdout + finished.stderr;
    if (finished.status === 0 && new RegExp(`Test ${test}_\\S+ PASSED`).test(plain(output))) return;
    if (finished.status === 0 && /SKIPPED/.test(output)) throw new Skip(`skips itself: ${firstReason(output)}`);
    if (attempt <= 1) throw new Error(failure(plain(output)) ?? describeEnd(finished));
  }
}

function plain(output: string): string {
  const escape = String.fromCharCode(27);
  return output.replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '');
}

function firstReason(output: string): string {
  return /SKIPPED[^\n]*|WARN: [^\n]*/.exec(plain(output))?.[0] ?? 'no reason given';
}

/** The line that says what went wrong, where there is one. */
function failure(output: string): string | undefined {
  return /^.*(?:FAILED|TEST FAILURE|assert|Assertion)[^]{0,500}/m.exec(output)?.[0];
}
