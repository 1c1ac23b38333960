// OffsetFetch, versions 1 to 10. The committed offsets of a group, or of several from version 8 on.
//   v2 null for all partitions, error for the whole answer · v5 leader epoch of the offset (KIP-320) · v6 flexible
//   v7 waits out open transactions (KIP-447) · v8 several groups (KIP-709)
//   v9 member epochs of consumer groups (KIP-848) · v10 topic ids (KIP-848)
import { api, array, bool, exactInt64, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const OffsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 10],
  flexible: 6,
  request: {
    groupId: groupId.until(7),
    topics: array({ name: topicName, partitionIndexes: array(int32) })
      .until(7)
      .nullable(2),
    groups: array({
      groupId,
      memberId: string.since(9).nullable().default(null).ignorable(),
      memberEpoch: int32.since(9).default(-1).ignorable().doc('-1 outside of a group.'),
      topics: array({
        name: topicName.until(9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitionIndexes: array(int32),
      }).nullable(),
    }).since(8),
    requireStable: bool
      .since(7)
      .default(false)
      .doc('true: UNSTABLE_OFFSET_COMMIT while a transaction with offsets is open.'),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(3).ignorable(),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        committedOffset: exactInt64,
        committedLeaderEpoch: int32.since(5).default(-1).ignorable(),
        metadata: string.nullable(),
        errorCode,
      }),
    }).until(7),
    errorCode: errorCode.since(2).until(7).default(0).ignorable(),
    groups: array({
      groupId,
      topics: array({
        name: topicName.until(9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array({
          partitionIndex: int32,
          committedOffset: exactInt64,
          committedLeaderEpoch: int32.default(-1),
          metadata: string.nullable(),
          errorCode,
        }),
      }),
      errorCode: errorCode.default(0),
    }).since(8),
  },
});
export interface OffsetFetchRequest extends RequestOf<typeof OffsetFetch> {}
export interface OffsetFetchResponse extends ResponseOf<typeof OffsetFetch> {}
