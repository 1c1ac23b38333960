// EndTxn, versions 0 to 5: a client commits or aborts its transaction. It is answered when the decision is committed; markers
// follow (KIP-98, KIP-890).
//   v2 PRODUCER_FENCED · v5 the epoch goes up with each transaction, and is told
import { Errors } from '../protocol/index.ts';
import { EndTxn } from '../protocol/messages/26-end-txn.ts';
import type { TransactionCoordinator } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

const FENCED_SINCE = 2;
const EPOCH_BUMP_SINCE = 5;
/** The transaction.version that clients of those versions work by. */
const NEWEST_TRANSACTION_VERSION = 2;

export const endTxn = (transactions: TransactionCoordinator) =>
  defineHandler(EndTxn, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalId'],
        asked: 'before',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
    ],
    async handle({ transactionalId, producerId, producerEpoch, committed }, { apiVersion }) {
      const answer = await transactions.endTxn({
        transactionalId,
        producerId,
        producerEpoch,
        isCommit: committed,
        clientTransactionVersion: apiVersion >= EPOCH_BUMP_SINCE ? NEWEST_TRANSACTION_VERSION : 0,
      });
      const isOld = answer.errorCode === Errors.PRODUCER_FENCED && apiVersion < FENCED_SINCE;
      return isOld ? { ...answer, errorCode: Errors.INVALID_PRODUCER_EPOCH } : answer;
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });
