// EndTxn, versions 0 to 5. Commits or aborts a transaction (KIP-98).
//   v2 PRODUCER_FENCED (KIP-588) · v3 flexible · v4 TRANSACTION_ABORTABLE (KIP-890)
//   v5 the epoch is bumped and told (KIP-890)
import { api, bool, int16, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, transactionalId } from './fields.ts';

export const EndTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexible: 3,
  request: { transactionalId, producerId, producerEpoch: int16, committed: bool.doc('true: commit, false: abort.') },
  response: {
    throttleTimeMs,
    errorCode,
    producerId: producerId.since(5).default(-1).ignorable(),
    producerEpoch: int16.since(5).default(-1).ignorable(),
  },
});
export interface EndTxnRequest extends RequestOf<typeof EndTxn> {}
export interface EndTxnResponse extends ResponseOf<typeof EndTxn> {}
