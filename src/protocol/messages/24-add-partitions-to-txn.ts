// AddPartitionsToTxn, versions 0 to 5. Adds partitions to a transaction (KIP-98). From version 4 on brokers ask for
// several producers at once, or only whether a partition is in the transaction.
//   v2 PRODUCER_FENCED (KIP-588) · v3 flexible · v4 batches and verification (KIP-890)
//   v5 TRANSACTION_ABORTABLE (KIP-890)
import { api, array, bool, int16, int32, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, topicName, transactionalId } from './fields.ts';

const addPartitionsToTxnTopic = { name: topicName.mapKey(), partitions: array(int32) };

const addPartitionsToTxnPartitionResult = { partitionIndex: int32.mapKey(), partitionErrorCode: int16 };

const addPartitionsToTxnTopicResult = {
  name: topicName.mapKey(),
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
};

export const AddPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactions: array({
      transactionalId: transactionalId.mapKey(),
      producerId,
      producerEpoch: int16,
      verifyOnly: bool.default(false).doc('true: only ask whether the partitions are in the transaction.'),
      topics: array(addPartitionsToTxnTopic),
    }).since(4),
    v3AndBelowTransactionalId: transactionalId.until(3),
    v3AndBelowProducerId: producerId.until(3),
    v3AndBelowProducerEpoch: int16.until(3),
    v3AndBelowTopics: array(addPartitionsToTxnTopic).until(3),
  },
  response: {
    throttleTimeMs,
    errorCode: errorCode.since(4).ignorable(),
    resultsByTransaction: array({
      transactionalId: transactionalId.mapKey(),
      topicResults: array(addPartitionsToTxnTopicResult),
    }).since(4),
    resultsByTopicV3AndBelow: array(addPartitionsToTxnTopicResult).until(3),
  },
});
export interface AddPartitionsToTxnRequest extends RequestOf<typeof AddPartitionsToTxn> {}
export interface AddPartitionsToTxnResponse extends ResponseOf<typeof AddPartitionsToTxn> {}
