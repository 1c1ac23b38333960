// @confluentinc/kafka-javascript 1.10.1 (clients/confluent-js/): librdkafka in Node, through both of its APIs.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { confluent } from '../toolchain/npm-clients.ts';
import { runClientProgram } from './node-client.ts';
import { SHORT_SESSIONS } from './kafkajs.ts';
import { runRecipe } from './recipe.ts';

const MAIN = join(import.meta.dirname, '..', 'clients', 'confluent-js', 'main.ts');
const LIMIT_MS = 900_000;

export const confluentJs: Suite = {
  name: 'confluent-js',
  isBlackBox: true,
  available: async () => {
    const found = await confluent();
    return typeof found === 'string' ? { missing: found } : { version: found.version };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const { target, scratch, cases } = context;
  const found = await confluent();
  if (typeof found === 'string') throw new Error(found);
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: SHORT_SESSIONS });
  const args = ['--import=tsx', MAIN, found.home, broker.bootstrap];
  await runClientProgram(cases, { command: found.node, args, limitMs: LIMIT_MS });
  await runRecipe(context, found, 'confluent-js.test.mjs', '@confluentinc/kafka-javascript');
  await runRecipe(context, found, 'confluent-js-secured.test.mjs', '@confluentinc/kafka-javascript');
}
