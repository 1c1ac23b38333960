// InitProducerId, versions 0 to 5: a new producer id for an idempotent producer, at epoch 0; or the id and next epoch of a
// transactional id, which fences whoever had it before (KIP-98, KIP-360).
//   v4 PRODUCER_FENCED · v6, which asks for two-phase commit (KIP-939), is understood but not announced, as in Kafka
// Otherwise than in Kafka, the first asker waits for the broker's block of ids, and is not sent away.
import { Errors } from '../protocol/index.ts';
import { InitProducerId, type InitProducerIdRequest } from '../protocol/messages/22-init-producer-id.ts';
import type { ProducerIds, TransactionCoordinator } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

const NONE = -1;
const FENCED_SINCE = 4;

export const initProducerId = (producerIds: ProducerIds, transactions: () => Promise<TransactionCoordinator>) =>
  defineHandler(InitProducerId, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalId'],
        asked: 'within',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      {
        operation: 'IDEMPOTENT_WRITE',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
        orElse: ['TOPIC', 'WRITE'],
      },
    ],
    async handle(request, { apiVersion }) {
      const { transactionalId, producerId, producerEpoch } = request;
      if ((producerId === NONE) !== (producerEpoch === NONE)) return refused(Errors.INVALID_REQUEST);
      if (transactionalId === null) {
        return { errorCode: Errors.NONE, producerId: await producerIds.next(), producerEpoch: 0 };
      }
      if (transactionalId === '') return refused(Errors.INVALID_REQUEST);
      const answer = await (await transactions()).initProducerId({ ...argumentsOf(request), transactionalId });
      // Older clients know the other one, and do the same about it.
      const isOld = answer.errorCode === Errors.PRODUCER_FENCED && apiVersion < FENCED_SINCE;
      return isOld ? refused(Errors.INVALID_PRODUCER_EPOCH) : answer;
    },
    failed: (_request, code) => refused(code),
  });

const refused = (errorCode: number) => ({ errorCode, producerId: NONE, producerEpoch: NONE });

function argumentsOf(request: InitProducerIdRequest) {
  const { producerId, producerEpoch, transactionTimeoutMs, enable2Pc, keepPreparedTxn } = request;
  const expected = producerId === NONE ? undefined : { producerId, producerEpoch };
  return { timeoutMs: transactionTimeoutMs, expected, enable2Pc, keepPreparedTxn };
}
