// Kafka's own command-line tools: the Java client in the newest version of every API. The steps are in java-tools/, by
// subject; each starts a JVM or a few.

import { type Suite, type SuiteContext } from '../suite.ts';
import { freePort } from '../targets/target.ts';
import { archiveTools, KAFKA_VERSION } from '../toolchain/kafka-jars.ts';
import { ADMIN } from './java-tools/admin.ts';
import { CLUSTER } from './java-tools/cluster.ts';
import { CONFIGS } from './java-tools/configs.ts';
import { CONTROLLER } from './java-tools/controller.ts';
import { DYNAMIC_CONFIGS } from './java-tools/dynamic-configs.ts';
import { GROUP_CONFIGS } from './java-tools/group-configs.ts';
import { GROUPS } from './java-tools/groups.ts';
import { MODERN_GROUPS } from './java-tools/modern-groups.ts';
import { PROGRAMS } from './java-tools/programs.ts';
import { RECORDS } from './java-tools/records.ts';
import { RESET_OFFSETS } from './java-tools/reset-offsets.ts';
import { Session, type Steps } from './java-tools/session.ts';
import { TOPICS } from './java-tools/topics.ts';
import { TRANSACTIONS } from './java-tools/transactions.ts';

const STEPS: readonly Steps[] = [
  CLUSTER,
  TOPICS,
  RECORDS,
  CONFIGS,
  DYNAMIC_CONFIGS,
  GROUPS,
  RESET_OFFSETS,
  GROUP_CONFIGS,
  MODERN_GROUPS,
  ADMIN,
  TRANSACTIONS,
  CONTROLLER,
  PROGRAMS,
];

export const javaTools: Suite = {
  name: 'java-tools',
  isBlackBox: true,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

async function run({ target, jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const controllerPort = await freePort();
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, controllerPort });
  await archiveTools(jars, broker.bootstrap);
  const session = new Session(jars, broker, `127.0.0.1:${controllerPort}`, scratch);
  try {
    for (const steps of STEPS) {
      for (const [name, step] of Object.entries(steps)) await cases.run(name, () => step(session), 90_000);
    }
  } finally {
    await session.close();
  }
}
