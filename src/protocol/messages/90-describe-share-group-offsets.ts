// DescribeShareGroupOffsets, versions 0 to 1, flexible. Start offsets of share groups (KIP-932).
//   v1 lag (KIP-1226)
import { api, array, int32, int64, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

export const DescribeShareGroupOffsets = api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexible: 0,
  request: { groups: array({ groupId, topics: array({ topicName, partitions: array(int32) }).nullable() }) },
  response: {
    throttleTimeMs,
    groups: array({
      groupId,
      topics: array({
        topicName,
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
          startOffset: int64,
          leaderEpoch: int32,
          lag: int64.since(1).default(-1).ignorable().doc('-1 when not known.'),
          errorCode,
          errorMessage: string.nullable().default(null),
        }),
      }),
      errorCode,
      errorMessage: string.nullable().default(null),
    }),
  },
});
export interface DescribeShareGroupOffsetsRequest extends RequestOf<typeof DescribeShareGroupOffsets> {}
export interface DescribeShareGroupOffsetsResponse extends ResponseOf<typeof DescribeShareGroupOffsets> {}
