// Our own client (clients/ottla/), the checks that other clients pass, on Ottla and on Apache Kafka; and the kafkajs facade, which has
// to pass those of kafkajs as they stand.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { SHORT_SESSIONS } from './kafkajs.ts';
import { runClientProgram } from './node-client.ts';

const CLIENTS = join(import.meta.dirname, '..', 'clients');
const LIMIT_MS = 900_000;

export const ottlaClient: Suite = {
  name: 'ottla-client',
  isBlackBox: true,
  available: () => Promise.resolve({ version: 'of this repository' }),
  run: (context) => runOn(context, 'ottla'),
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
  await runClientProgram(cases, { command: process.execPath, args, env, limitMs: LIMIT_MS });
}
