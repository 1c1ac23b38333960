// ListTransactions, versions 0 to 2: the transactions that this broker coordinates (KIP-664).
//   v1 by duration (KIP-994) · v2 by a pattern of RE2, in linear time (KIP-1152)
import { ListTransactions } from '../protocol/messages/66-list-transactions.ts';
import type { TransactionCoordinator } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

export const listTransactions = (transactions: TransactionCoordinator) =>
  defineHandler(ListTransactions, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'TRANSACTIONAL_ID',
        at: [],
        asked: 'within',
        denied: null,
      },
    ],
    handle: (request) => transactions.listTransactions(request),
    failed: (_request, errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }),
  });
