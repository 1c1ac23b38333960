// AddOffsetsToTxn, versions 0 to 4. Adds a group, whose offsets will be committed, to a transaction (KIP-98).
//   v2 PRODUCER_FENCED (KIP-588) · v3 flexible · v4 TRANSACTION_ABORTABLE (KIP-890)
import { api, int16, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, groupId, producerId, throttleTimeMs, transactionalId } from './fields.ts';

export const AddOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexible: 3,
  request: { transactionalId, producerId, producerEpoch: int16, groupId },
  response: { throttleTimeMs, errorCode },
});
export interface AddOffsetsToTxnRequest extends RequestOf<typeof AddOffsetsToTxn> {}
export interface AddOffsetsToTxnResponse extends ResponseOf<typeof AddOffsetsToTxn> {}
