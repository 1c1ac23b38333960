// InitProducerId, versions 0 to 6. A producer gets its id and epoch. With a transactional id older producers are fenced
// and an open transaction is completed first (KIP-98).
//   v2 flexible · v3 keeps the id and bumps the epoch (KIP-360) · v4 PRODUCER_FENCED (KIP-588)
//   v5 TRANSACTION_ABORTABLE (KIP-890) · v6 two-phase commit (KIP-939), not announced yet
import { api, bool, int16, int32, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, transactionalId } from './fields.ts';

export const InitProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 6],
  flexible: 2,
  latestVersionUnstable: true,
  request: {
    transactionalId: transactionalId.nullable(),
    transactionTimeoutMs: int32,
    producerId: producerId.since(3).default(-1),
    producerEpoch: int16.since(3).default(-1),
    enable2Pc: bool.since(6).default(false),
    keepPreparedTxn: bool.since(6).default(false),
  },
  response: {
    throttleTimeMs,
    errorCode,
    producerId: producerId.default(-1),
    producerEpoch: int16,
    ongoingTxnProducerId: producerId.since(6).default(-1),
    ongoingTxnProducerEpoch: int16.since(6).default(-1),
  },
});
export interface InitProducerIdRequest extends RequestOf<typeof InitProducerId> {}
export interface InitProducerIdResponse extends ResponseOf<typeof InitProducerId> {}
