// @platformatic/kafka 2.12.1 (clients/platformatic/): streams, classic groups and admin, all in flexible versions.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { platformatic as client } from '../toolchain/npm-clients.ts';
import { runClientProgram } from './node-client.ts';
import { SHORT_SESSIONS } from './kafkajs.ts';
import { runRecipe } from './recipe.ts';

const MAIN = join(import.meta.dirname, '..', 'clients', 'platformatic', 'main.ts');
const LIMIT_MS = 900_000;

export const platformatic: Suite = {
  name: 'platformatic',
  isBlackBox: true,
  available: async () => {
    const found = await client();
    return typeof found === 'string' ? { missing: found } : { version: found.version };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const { target, scratch, cases } = context;
  const found = await client();
  if (typeof found === 'string') throw new Error(found);
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: SHORT_SESSIONS });
  const args = ['--disable-warning=ExperimentalWarning', MAIN, found.home, broker.bootstrap];
  await runClientProgram(cases, { command: found.node, args, limitMs: LIMIT_MS });
  await runRecipe(context, found, 'platformatic.test.mjs', '@platformatic/kafka');
  await runRecipe(context, found, 'platformatic-secured.test.mjs', '@platformatic/kafka');
}
