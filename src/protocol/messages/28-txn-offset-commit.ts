// TxnOffsetCommit, versions 0 to 5. Stores consumed offsets as a part of a transaction (KIP-98).
//   v2 leader epoch of the offset (KIP-320) · v3 flexible; the member is checked (KIP-447)
//   v4 TRANSACTION_ABORTABLE (KIP-890) · v5 the group joins the transaction by this (KIP-890)
import { api, array, exactInt64, int16, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, producerId, throttleTimeMs, topicName, transactionalId } from './fields.ts';

export const TxnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId,
    groupId,
    producerId,
    producerEpoch: int16,
    generationId: int32.since(3).default(-1).doc('-1 outside of a group.'),
    memberId: string.since(3).default(''),
    groupInstanceId: string.since(3).nullable().default(null).doc('Set for static members (KIP-345).'),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        committedOffset: exactInt64,
        committedLeaderEpoch: int32.since(2).default(-1).ignorable(),
        committedMetadata: string.nullable(),
      }),
    }),
  },
  response: {
    throttleTimeMs,
    topics: array({ name: topicName, partitions: array({ partitionIndex: int32, errorCode }) }),
  },
});
export interface TxnOffsetCommitRequest extends RequestOf<typeof TxnOffsetCommit> {}
export interface TxnOffsetCommitResponse extends ResponseOf<typeof TxnOffsetCommit> {}
