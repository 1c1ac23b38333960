// DescribeTransactions, version 0: what is known of transactional ids (KIP-664).
import { Errors } from '../protocol/index.ts';
import { DescribeTransactions } from '../protocol/messages/65-describe-transactions.ts';
import type { TransactionCoordinator } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

export const describeTransactions = (transactions: TransactionCoordinator) =>
  defineHandler(DescribeTransactions, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalIds'],
        asked: 'within',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      { operation: 'DESCRIBE', resource: 'TOPIC', at: [], asked: 'within', denied: null },
    ],
    async handle({ transactionalIds }) {
      return { transactionStates: await transactions.describeTransactions(transactionalIds) };
    },
    failed: ({ transactionalIds }, errorCode) => ({
      transactionStates: transactionalIds.map((transactionalId) => ({ ...NOTHING, errorCode, transactionalId })),
    }),
  });

const NOTHING = {
  errorCode: Errors.NONE,
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: [],
};
