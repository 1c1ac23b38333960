// DescribeProducers, version 0, flexible. Producers that are active on partitions, for finding hanging transactions
// (KIP-664).
import { api, array, exactInt64, int32, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, producerId, throttleTimeMs, topicName } from './fields.ts';

export const DescribeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexible: 0,
  request: { topics: array({ name: topicName, partitionIndexes: array(int32) }) },
  response: {
    throttleTimeMs,
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        errorCode,
        errorMessage: string.nullable().default(null),
        activeProducers: array({
          producerId,
          producerEpoch: int32,
          lastSequence: int32.default(-1),
          lastTimestamp: exactInt64.default(-1),
          coordinatorEpoch: int32,
          currentTxnStartOffset: int64.default(-1).doc('-1: no open transaction.'),
        }),
      }),
    }),
  },
});
export interface DescribeProducersRequest extends RequestOf<typeof DescribeProducers> {}
export interface DescribeProducersResponse extends ResponseOf<typeof DescribeProducers> {}
