// AllocateProducerIds, version 0, flexible. A broker gets a block of producer ids from the controller (KIP-730).
import { api, int32, int64, type RequestOf, type ResponseOf } from '../schema.ts';
import { brokerId, errorCode, producerId, throttleTimeMs } from './fields.ts';

export const AllocateProducerIds = api({
  key: 67,
  name: 'AllocateProducerIds',
  versions: [0, 0],
  flexible: 0,
  request: { brokerId, brokerEpoch: int64.default(-1) },
  response: {
    throttleTimeMs,
    errorCode,
    producerIdStart: producerId.doc('First id of the block.'),
    producerIdLen: int32.doc('Ids in the block.'),
  },
});
export interface AllocateProducerIdsRequest extends RequestOf<typeof AllocateProducerIds> {}
export interface AllocateProducerIdsResponse extends ResponseOf<typeof AllocateProducerIds> {}
