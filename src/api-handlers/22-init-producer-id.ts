// InitProducerId, versions 0 to 5: a new producer id for an idempotent producer, at epoch 0 (KIP-98, KIP-360); v6 is not
// announced. Transactions are not served: whoever asks with a transactional id is told NOT_COORDINATOR. Otherwise than in
// Kafka, the first asker waits for the broker's block of ids, and is not sent away.
import { Errors } from '../protocol/index.ts';
import { InitProducerId, type InitProducerIdRequest } from '../protocol/messages/22-init-producer-id.ts';
import type { ProducerIds } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

const NONE = -1;

export interface TransactionLimits {
  /** transaction.max.timeout.ms */
  readonly maxTimeoutMs: number;
}

export const initProducerId = (producerIds: ProducerIds, limits: TransactionLimits) =>
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
    async handle(request) {
      const error = argumentError(request, limits);
      if (error !== Errors.NONE) return refused(error);
      return { errorCode: Errors.NONE, producerId: await producerIds.next(), producerEpoch: 0 };
    },
    failed: (_request, code) => refused(code),
  });

const refused = (errorCode: number) => ({ errorCode, producerId: NONE, producerEpoch: NONE });

function argumentError(request: InitProducerIdRequest, limits: TransactionLimits): number {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
  if ((producerId === NONE) !== (producerEpoch === NONE)) return Errors.INVALID_REQUEST;
  if (transactionalId === null) return Errors.NONE;
  if (transactionalId === '') return Errors.INVALID_REQUEST;
  if (transactionTimeoutMs <= 0 || transactionTimeoutMs > limits.maxTimeoutMs)
    return Errors.INVALID_TRANSACTION_TIMEOUT;
  return Errors.NOT_COORDINATOR;
}
