// Our own client (clients/ottla/), the checks that other clients pass, on Ottla, on Apache Kafka of today and of before 4, on kfake and
// on librdkafka's mock cluster; and the kafkajs facade, which has to pass those of kafkajs as they stand.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { unservedBy } from '../targets/unserved.ts';
import { SHORT_SESSIONS } from './kafkajs.ts';
import { runClientProgram } from './node-client.ts';

const CLIENTS = join(import.meta.dirname, '..', 'clients');
const LIMIT_MS = 900_000;

export const ottlaClient: Suite = {
  name: 'ottla-client',
  isBlackBox: true,
  alsoAgainst: ['apache-3.9', 'kfake', 'librdkafka-mock'],
  available: () => Promise.resolve({ version: 'of this repository' }),
  run: (context) => runOn(context, 'ottla', { OTTLA_UNSERVED: JSON.stringify(unservedBy(context.target.name)) }),
};

/** The programs of kafkajs, with one import changed. */
export const ottlaKafkajs: Suite = {
  name: 'ottla-kafkajs',
  isBlackBox: true,
  available: () => Promise.resolve({ version: 'of this repository' }),
  run: (context) => runOn(context, 'kafkajs', { OTTLA_KAFKAJS: 'facade' }),
};

async function runOn(
  { target, scratch, cases }: SuiteContext,
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: SHORT_SESSIONS });
  const args = ['--import=tsx', join(CLIENTS, program, 'main.ts'), broker.bootstrap];
  const topicsAt = broker.topicsAt === undefined ? undefined : { OTTLA_TOPICS_AT: broker.topicsAt };
  await runClientProgram(cases, { command: process.execPath, args, env: { ...env, ...topicsAt }, limitMs: LIMIT_MS });
}
