// What three consoles ask of a broker, screen by screen, sent by the clients that they use: AKHQ and kafka-ui with the
// Java AdminClient of Kafka 3.9 (the last with the legacy AlterConfigs, which both still call), Redpanda Console with
// franz-go. The programs in consoles/ also check that what they get fills the screen.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cases, Suite, SuiteContext } from '../suite.ts';
import { struckReason } from '../struck.ts';
import { describeEnd, exec, type Finished, which } from '../toolchain/exec.ts';
import { buildGo } from '../toolchain/go-program.ts';
import { clientJars, compileJava } from '../toolchain/java-program.ts';

const SOURCES = join(import.meta.dirname, '..', 'consoles');
const CLIENT_VERSION = '3.9.1';
const FRANZ_GO_VERSION = '1.22.3';
const CONSOLE_LIMIT_MS = 120_000;
const SUITE = 'consoles';

export const consoles: Suite = {
  name: SUITE,
  isBlackBox: true,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    if ((await which('javac')) === undefined) return { missing: 'no javac (a JDK)' };
    return { version: `clients ${CLIENT_VERSION}, franz-go ${FRANZ_GO_VERSION}` };
  },
  run,
};

async function run({ target, jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const classPath = await clientJars(jars, CLIENT_VERSION);
  if (typeof classPath === 'string') {
    for (const name of ['AKHQ', 'kafka-ui']) cases.add(name, 'skipped', classPath);
  } else {
    mkdirSync(`${scratch}/classes`);
    const java = await compileJava(join(SOURCES, 'java'), classPath, `${scratch}/classes`);
    count(cases, 'AKHQ', await java.run('Akhq', [broker.bootstrap], CONSOLE_LIMIT_MS));
    count(cases, 'kafka-ui', await java.run('KafkaUi', [broker.bootstrap], CONSOLE_LIMIT_MS));
  }
  const go = await buildGo(join(SOURCES, 'redpanda'), scratch);
  if (typeof go === 'string') cases.add('Redpanda Console', 'skipped', go);
  else {
    const finished = await exec(go.program, [broker.bootstrap], { timeoutMs: CONSOLE_LIMIT_MS });
    count(cases, 'Redpanda Console', finished);
  }
}

/** Reads a program's lines: `ok TAB name`, `failed TAB name TAB why`. One that did not end well is a failure too. */
function count(cases: Cases, name: string, finished: Finished): void {
  for (const line of finished.stdout.split('\n')) {
    const [status, check, why] = line.split('\t');
    if (check === undefined || (status !== 'ok' && status !== 'failed')) continue;
    const reason = status === 'ok' ? undefined : struckReason(SUITE, check);
    if (status === 'ok') cases.add(check, 'passed');
    else if (reason !== undefined) cases.add(check, 'struck', reason);
    else cases.add(check, 'failed', why);
  }
  if (finished.status !== 0) cases.add(`${name}: to its end`, 'failed', describeEnd(finished));
}
