// ShareGroupHeartbeat, version 1, flexible. A member of a share group joins, lives and leaves (KIP-932).
import { api, array, int32, type RequestOf, type ResponseOf, string, struct, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

const topicPartitions = { topicId: uuid, partitions: array(int32) };

export const ShareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [1, 1],
  flexible: 0,
  request: {
    groupId,
    memberId: string,
    memberEpoch: int32.doc('0 joins, -1 leaves.'),
    rackId: string.nullable().default(null),
    subscribedTopicNames: array(topicName).nullable().default(null),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    memberId: string.nullable().default(null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: struct({ topicPartitions: array(topicPartitions) })
      .nullable()
      .default(null)
      .doc('null: unchanged.'),
  },
});
export interface ShareGroupHeartbeatRequest extends RequestOf<typeof ShareGroupHeartbeat> {}
export interface ShareGroupHeartbeatResponse extends ResponseOf<typeof ShareGroupHeartbeat> {}
