// One of librdkafka's own tests: a process of its own with a time limit, so that one that hangs cannot hide the rest.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Skip } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { describeEnd, exec } from '../toolchain/exec.ts';
import { compileJava } from '../toolchain/java-program.ts';
import { javaArguments, type KafkaJars, TOOL_FLAGS } from '../toolchain/kafka-jars.ts';
import type { Librdkafka } from '../toolchain/librdkafka.ts';

/** For one attempt. */
export const TEST_LIMIT_MS = 300_000;

export interface LibrdkafkaTest {
  /** Four digits; they select every variant that does not run without a broker. */
  readonly digits: string;
  /** A part of the name of the sub-tests to run; default: all of them. */
  readonly subTests?: string;
  /** Leaves out sub-tests that librdkafka counts as slow. */
  readonly isQuick?: boolean;
  /** Default: 1. */
  readonly attempts?: number;
  /** Of one attempt; default: TEST_LIMIT_MS. */
  readonly timeoutMs?: number;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Throws with the line that says what went wrong; throws `Skip` when the test skips itself. */
export type RunTest = (test: LibrdkafkaTest) => Promise<void>;

/** Makes the directory `scratch`, for tests against this broker. `settings`: rows of the client's configuration. */
export async function testsAgainst(
  broker: Pick<RunningBroker, 'bootstrap'>,
  built: Librdkafka,
  jars: KafkaJars | string,
  scratch: string,
  settings: readonly string[] = [],
): Promise<RunTest> {
  const cwd = join(scratch, 'tests');
  mkdirSync(cwd, { recursive: true });
  // 0053 opens ../src/statistics_schema.json; every test writes its statistics where it runs.
  symlinkSync(join(built.directory, 'src'), join(scratch, 'src'));
  symlinkSync(join(built.directory, 'tests/fixtures'), join(cwd, 'fixtures'));
  const runner = join(built.directory, 'tests/test-runner');
  if (typeof jars !== 'string') await javaPrograms(built, jars, cwd);
  const env = environment(built, broker.bootstrap, jars, scratch, settings);
  return async (test) => {
    const flags = ['-L', '-p1', ...(test.isQuick === true ? ['-Q'] : [])];
    const selection = test.subTests === undefined ? {} : { SUBTESTS: test.subTests };
    const chosen = { ...env, ...test.env, TESTS: test.digits, ...selection };
    const timeoutMs = test.timeoutMs ?? TEST_LIMIT_MS;
    for (let attempt = test.attempts ?? 1; ; attempt--) {
      const finished = await exec(runner, flags, { cwd, env: chosen, timeoutMs });
      const output = plain(finished.stdout + finished.stderr);
      const hasRun = new RegExp(`Test ${test.digits}_\\S+ PASSED`).test(output);
      if (finished.status === 0 && hasRun && hasChosen(test.subTests, output)) return;
      if (finished.status === 0 && !hasRun && output.includes('SKIPPED')) {
        throw new Skip(`skips itself: ${firstReason(output)}`);
      }
      if (attempt <= 1) throw new Error(failure(output) ?? describeEnd(finished));
    }
  };
}

function environment(
  built: Librdkafka,
  bootstrap: string,
  jars: KafkaJars | string,
  scratch: string,
  settings: readonly string[],
): Record<string, string> {
  const configuration = join(scratch, 'test.conf');
  const lines = [`metadata.broker.list=${bootstrap}`, 'broker.address.family=v4', ...settings];
  writeFileSync(configuration, [...lines, 'test.timeout.multiplier=2', 'test.topic.random=true', ''].join('\n'));
  return {
    LD_LIBRARY_PATH: `${built.directory}/src:${built.directory}/src-cpp`,
    RDKAFKA_TEST_CONF: configuration,
    // The default, 2.4, takes branches for brokers of before 4.0.
    TEST_KAFKA_VERSION: '4.2.0',
    KAFKA_PATH: kafkaPath(jars, scratch),
    BROKERS: bootstrap,
  };
}

/** Some tests start a Java client beside them: they say `make java`, then `java/run-class.sh CLASS`, where they run. */
async function javaPrograms(built: Librdkafka, jars: KafkaJars, cwd: string): Promise<void> {
  const home = join(cwd, 'java');
  mkdirSync(home);
  writeFileSync(join(cwd, 'Makefile'), 'java:\n.PHONY: java\n');
  await compileJava(join(built.directory, 'tests/java'), [`${jars.libs}/*`], home);
  const [main, ...java] = javaArguments(jars, TOOL_FLAGS, '"$@"').reverse();
  const words = java.reverse().map((word) => `'${word.endsWith('/*') ? `${home}:${word}` : word}'`);
  writeFileSync(join(home, 'run-class.sh'), `#!/bin/sh\nexec java ${words.join(' ')} ${main}\n`);
  chmodSync(join(home, 'run-class.sh'), 0o755);
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

/** A selection that matches no sub-test passes too, but it shows nothing. */
function hasChosen(subTests: string | undefined, output: string): boolean {
  const passed = output.split('\n').filter((line) => line.includes(': PASS ('));
  return subTests === undefined || passed.some((line) => line.includes(subTests));
}

function plain(output: string): string {
  const escape = String.fromCharCode(27);
  return output.replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '');
}

/** In the test's own words; a variant of it that was not chosen counts as skipped too, and stands before it. */
function firstReason(output: string): string {
  const own = /SKIPPING TEST: ([^\n]*)/.exec(output)?.[1];
  return own ?? /SKIPPED[^\n]*|WARN: [^\n]*/.exec(output)?.[0] ?? 'no reason given';
}

/** The line that says what went wrong, where there is one. */
function failure(output: string): string | undefined {
  return /^.*(?:FAILED|TEST FAILURE|assert|Assertion)[^]{0,500}/m.exec(output)?.[0];
}
