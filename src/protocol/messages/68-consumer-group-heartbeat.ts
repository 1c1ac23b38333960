// ConsumerGroupHeartbeat, versions 0 to 1, flexible. A member of a consumer group joins, lives, changes its
// subscription and leaves (KIP-848). Null and -1 mean: as in the last heartbeat.
//   v1 subscription by regular expression; member ids made by the client (KIP-1082)
import { api, array, int32, type RequestOf, type ResponseOf, string, struct, uuid } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

const topicPartitions = { topicId: uuid, partitions: array(int32) };

export const ConsumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId,
    memberId: string,
    memberEpoch: int32.doc('0 joins, -1 leaves, -2 leaves for a while (static member).'),
    instanceId: string.nullable().default(null).doc('Set for static members (KIP-345).'),
    rackId: string.nullable().default(null),
    rebalanceTimeoutMs: int32.default(-1).doc('How long members may take to join again, or to give up partitions.'),
    subscribedTopicNames: array(topicName).nullable().default(null),
    subscribedTopicRegex: string.since(1).nullable().default(null).doc('RE2 syntax.'),
    serverAssignor: string.nullable().default(null).doc("'range', 'uniform' or null for the broker's choice."),
    topicPartitions: array({ topicId: uuid, partitions: array(int32) })
      .nullable()
      .default(null)
      .doc('What the member owns.'),
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
export interface ConsumerGroupHeartbeatRequest extends RequestOf<typeof ConsumerGroupHeartbeat> {}
export interface ConsumerGroupHeartbeatResponse extends ResponseOf<typeof ConsumerGroupHeartbeat> {}
