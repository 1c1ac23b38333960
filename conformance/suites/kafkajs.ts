// kafkajs 2.2.4 (clients/kafkajs/): producer, consumer, groups and admin of the client that most people on Node know.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { QUICK_MEMBERS } from '../targets/target.ts';
import { runClientProgram } from './node-client.ts';

const MAIN = join(import.meta.dirname, '..', 'clients', 'kafkajs', 'main.ts');
const LIMIT_MS = 900_000;
/**
 * Members may ask for short sessions, and those of KIP-848, who are told how long theirs are, have short ones: a check that
 * waits for one to end need not wait for long.
 */
export const SHORT_SESSIONS = { 'group.min.session.timeout.ms': '1000', ...QUICK_MEMBERS };

export const kafkajs: Suite = {
  name: 'kafkajs',
  isBlackBox: true,
  available: () => {
    const require = createRequire(import.meta.url);
    return Promise.resolve({ version: (require('kafkajs/package.json') as { version: string }).version });
  },
  run,
};

async function run({ target, scratch, cases }: SuiteContext): Promise<void> {
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: SHORT_SESSIONS });
  const args = ['--import=tsx', MAIN, broker.bootstrap];
  await runClientProgram(cases, { command: process.execPath, args, limitMs: LIMIT_MS });
}
