// AlterPartition, versions 2 to 3, flexible. A partition leader has its ISR changed by the controller (KIP-497).
//   v2 topic ids (KIP-516) · v3 broker epochs of the ISR (KIP-903)
import { api, array, int32, int64, int8, type RequestOf, type ResponseOf, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const AlterPartition = api({
  key: 56,
  name: 'AlterPartition',
  versions: [2, 3],
  flexible: 0,
  request: {
    brokerId,
    brokerEpoch: int64.default(-1),
    topics: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        leaderEpoch: int32,
        newIsr: array(brokerId).until(2),
        newIsrWithEpochs: array({ brokerId, brokerEpoch: int64.default(-1) }).since(3),
        leaderRecoveryState: int8.default(0).doc('0 recovered, 1 recovering from an unclean election.'),
        partitionEpoch: int32.doc('Counts the changes of the partition; a stale one is refused.'),
      }),
    }),
  },
  response: {
    throttleTimeMs,
    errorCode,
    topics: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode,
        leaderId: brokerId,
        leaderEpoch: int32,
        isr: array(brokerId),
        leaderRecoveryState: int8.default(0).doc('0 recovered, 1 recovering from an unclean election.'),
        partitionEpoch: int32.doc('Counts the changes of the partition; a stale one is refused.'),
      }),
    }),
  },
});
export interface AlterPartitionRequest extends RequestOf<typeof AlterPartition> {}
export interface AlterPartitionResponse extends ResponseOf<typeof AlterPartition> {}
