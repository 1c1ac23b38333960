// WriteTxnMarkers, versions 1 to 2, flexible. The transaction coordinator has COMMIT or ABORT markers written to
// partitions (KIP-98).
//   v1 flexible · v2 transaction version, for the check of the epoch (KIP-1228)
import { api, array, bool, int16, int32, int8, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, producerId, topicName } from './fields.ts';

export const WriteTxnMarkers = api({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: [1, 2],
  flexible: 1,
  request: {
    markers: array({
      producerId,
      producerEpoch: int16,
      transactionResult: bool.doc('true: COMMIT, false: ABORT.'),
      topics: array({ name: topicName, partitionIndexes: array(int32) }),
      coordinatorEpoch: int32,
      transactionVersion: int8
        .since(2)
        .default(0)
        .ignorable()
        .doc('Level of transaction.version; 0 in requests that do not say.'),
    }),
  },
  response: {
    markers: array({
      producerId,
      topics: array({ name: topicName, partitions: array({ partitionIndex: int32, errorCode }) }),
    }),
  },
});
export interface WriteTxnMarkersRequest extends RequestOf<typeof WriteTxnMarkers> {}
export interface WriteTxnMarkersResponse extends ResponseOf<typeof WriteTxnMarkers> {}
