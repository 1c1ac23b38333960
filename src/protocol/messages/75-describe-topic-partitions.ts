// DescribeTopicPartitions, version 0, flexible. Partitions of topics page by page, with their eligible leader replicas
// (KIP-966).
import { api, array, bool, int32, type RequestOf, type ResponseOf, struct, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const DescribeTopicPartitions = api({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({ name: topicName }),
    responsePartitionLimit: int32.default(2000).doc('Partitions of one page.'),
    cursor: struct({ topicName, partitionIndex: int32 })
      .nullable()
      .default(null)
      .doc('Where the page begins; null: at the start.'),
  },
  response: {
    throttleTimeMs,
    topics: array({
      errorCode,
      name: topicName.nullable().mapKey(),
      topicId: uuid,
      isInternal: bool.default(false),
      partitions: array({
        errorCode,
        partitionIndex: int32,
        leaderId: brokerId,
        leaderEpoch: int32.default(-1),
        replicaNodes: array(brokerId),
        isrNodes: array(brokerId),
        eligibleLeaderReplicas: array(brokerId)
          .nullable()
          .default(null)
          .doc('Outside of the ISR, yet complete up to the high watermark (KIP-966).'),
        lastKnownElr: array(brokerId)
          .nullable()
          .default(null)
          .doc('The last members of the ELR, for unclean elections.'),
        offlineReplicas: array(brokerId).doc('On brokers that are down or in lost directories.'),
      }),
      topicAuthorizedOperations: int32
        .default(-0x8000_0000)
        .doc('Bits by operation code; the lowest int32 when not asked for.'),
    }),
    nextCursor: struct({ topicName, partitionIndex: int32 })
      .nullable()
      .default(null)
      .doc('null: this was the last page.'),
  },
});
export interface DescribeTopicPartitionsRequest extends RequestOf<typeof DescribeTopicPartitions> {}
export interface DescribeTopicPartitionsResponse extends ResponseOf<typeof DescribeTopicPartitions> {}
