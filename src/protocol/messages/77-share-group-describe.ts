// ShareGroupDescribe, version 1, flexible. State and members of share groups (KIP-932).
import { api, array, bool, int32, type RequestOf, type ResponseOf, string, struct, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

const topicPartitions = { topicId: uuid, topicName, partitions: array(int32) };

const assignment = { topicPartitions: array(topicPartitions) };

export const ShareGroupDescribe = api({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: [1, 1],
  flexible: 0,
  request: { groupIds: array(groupId), includeAuthorizedOperations: bool },
  response: {
    throttleTimeMs,
    groups: array({
      errorCode,
      errorMessage: string.nullable().default(null),
      groupId,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      assignorName: string,
      members: array({
        memberId: string,
        rackId: string.nullable().default(null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: array(topicName),
        assignment: struct(assignment),
      }),
      authorizedOperations: int32
        .default(-0x8000_0000)
        .doc('Bits by operation code; the lowest int32 when not asked for.'),
    }),
  },
});
export interface ShareGroupDescribeRequest extends RequestOf<typeof ShareGroupDescribe> {}
export interface ShareGroupDescribeResponse extends ResponseOf<typeof ShareGroupDescribe> {}
