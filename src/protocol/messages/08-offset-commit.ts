// OffsetCommit, versions 2 to 10. A group member, or an outsider, stores consumed offsets.
//   v5 retention is the broker's business (KIP-211) · v6 leader epoch of the offset (KIP-320)
//   v7 static members (KIP-345) · v8 flexible · v9 member epochs of consumer groups (KIP-848)
//   v10 topic ids (KIP-848)
import { api, array, exactInt64, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const OffsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 10],
  flexible: 8,
  request: {
    groupId,
    generationIdOrMemberEpoch: int32
      .default(-1)
      .doc('Generation of a classic group, member epoch of a consumer group, -1 outside of a group.'),
    memberId: string,
    groupInstanceId: string.since(7).nullable().default(null).doc('Set for static members (KIP-345).'),
    retentionTimeMs: exactInt64.until(4).default(-1).ignorable().doc('-1 for offsets.retention.minutes.'),
    topics: array({
      name: topicName.until(9).ignorable(),
      topicId: uuid.since(10).ignorable(),
      partitions: array({
        partitionIndex: int32,
        committedOffset: exactInt64,
        committedLeaderEpoch: int32.since(6).default(-1).ignorable(),
        committedMetadata: string.nullable(),
      }),
    }),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(3).ignorable(),
    topics: array({
      name: topicName.until(9).ignorable(),
      topicId: uuid.since(10).ignorable(),
      partitions: array({ partitionIndex: int32, errorCode }),
    }),
  },
});
export interface OffsetCommitRequest extends RequestOf<typeof OffsetCommit> {}
export interface OffsetCommitResponse extends ResponseOf<typeof OffsetCommit> {}
