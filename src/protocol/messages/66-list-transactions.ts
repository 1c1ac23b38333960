// ListTransactions, versions 0 to 2, flexible. The transactions that a broker coordinates (KIP-664).
//   v1 filter by duration (KIP-994) · v2 filter by pattern (KIP-1152)
import { api, array, exactInt64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, transactionalId } from './fields.ts';

export const ListTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexible: 0,
  request: {
    stateFilters: array(string).doc('Empty: all.'),
    producerIdFilters: array(producerId).doc('Empty: all.'),
    durationFilter: exactInt64.since(1).default(-1).doc('Only transactions open for longer, in ms; negative: all.'),
    transactionalIdPattern: string
      .since(2)
      .nullable()
      .default(null)
      .doc('RE2 pattern of transactional ids; null or empty: all.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    unknownStateFilters: array(string).doc('States of the request that do not exist.'),
    transactionStates: array({ transactionalId, producerId, transactionState: string }),
  },
});
export interface ListTransactionsRequest extends RequestOf<typeof ListTransactions> {}
export interface ListTransactionsResponse extends ResponseOf<typeof ListTransactions> {}
