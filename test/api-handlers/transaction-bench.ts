// Coordinators over the logs of a record path, for tests of transactions.
import { Coordinators } from '../../src/broker/node/coordinators.ts';
import { deltaFromNothing } from '../../src/kraft/metadata/index.ts';
import { noTransactions, type TransactionVerifier } from '../../src/replication/index.ts';
import { parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { ProducerIds } from '../../src/transaction-coordinator/index.ts';
import { NODE_ID, type RecordPath } from './record-path.ts';

/** They know the topics that there are when this is called. */
export function transactionCoordinators(
  path: RecordPath,
  verifier: TransactionVerifier = noTransactions,
): Coordinators {
  const { clock, disk, replicas } = path;
  const runtime = { clock, disk, logger: silentLogger, random: new SeededRandom(1) };
  const coordinators = new Coordinators({
    runtime: runtime as never,
    nodeId: NODE_ID,
    configs: { current: (declarations) => parseConfigs(declarations, new Map()) },
    replicas,
    producerIds: new ProducerIds(() => Promise.reject(new Error('nobody asks for an id'))),
    createTopics: () => Promise.reject(new Error('nobody makes topics')),
    verifier,
  });
  coordinators.publish(deltaFromNothing(path.image), path.image);
  return coordinators;
}
