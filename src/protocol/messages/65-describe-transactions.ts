// DescribeTransactions, version 0, flexible. What the coordinator knows of transactional ids (KIP-664).
import { api, array, exactInt64, int16, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, topicName, transactionalId } from './fields.ts';

export const DescribeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexible: 0,
  request: { transactionalIds: array(transactionalId) },
  response: {
    throttleTimeMs,
    transactionStates: array({
      errorCode,
      transactionalId,
      transactionState: string,
      transactionTimeoutMs: int32,
      transactionStartTimeMs: exactInt64.doc('-1: no open transaction.'),
      producerId,
      producerEpoch: int16,
      topics: array({ topic: topicName.mapKey(), partitions: array(int32) }),
    }),
  },
});
export interface DescribeTransactionsRequest extends RequestOf<typeof DescribeTransactions> {}
export interface DescribeTransactionsResponse extends ResponseOf<typeof DescribeTransactions> {}
