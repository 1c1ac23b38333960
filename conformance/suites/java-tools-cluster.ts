// Kafka's command-line tools on three nodes: what they show and do that one node does not have. The steps are in
// java-tools/: replicas.ts, missing-replicas.ts, voters.ts.

import type { Suite, SuiteContext } from '../suite.ts';
import { clusterOf, threeNodes } from '../targets/three-nodes.ts';
import { archiveTools, KAFKA_VERSION } from '../toolchain/kafka-jars.ts';
import { MISSING } from './java-tools/missing-replicas.ts';
import { ELECTIONS, REASSIGNMENT, REPLICAS } from './java-tools/replicas.ts';
import { Session } from './java-tools/session.ts';
import { VOTERS } from './java-tools/voters.ts';

const STEPS = [REPLICAS, REASSIGNMENT, ELECTIONS, MISSING, VOTERS];
const STEP_LIMIT_MS = 240_000;

export const javaToolsCluster: Suite = {
  name: 'java-tools-cluster',
  isBlackBox: true,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

/** On three nodes whatever the other suites run on; leaders stay where a step has put them. */
async function run({ target, jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const properties = { 'auto.leader.rebalance.enable': 'false' };
  const kind = target.name === 'apache' ? 'apache' : 'ottla';
  const broker = await threeNodes(kind, jars).start({ dataDirectory: `${scratch}/nodes`, properties });
  const cluster = clusterOf(broker);
  if (cluster === undefined) throw new Error('three nodes are a cluster');
  await archiveTools(jars, cluster.bootstrap);
  const session = new Session(jars, cluster, cluster.controllerBootstrap, scratch);
  try {
    for (const steps of STEPS) {
      for (const [name, step] of Object.entries(steps)) {
        await cases.run(name, () => step({ s: session, cluster }), STEP_LIMIT_MS);
      }
    }
  } finally {
    await session.close();
  }
}
