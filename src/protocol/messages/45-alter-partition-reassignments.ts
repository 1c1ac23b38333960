// AlterPartitionReassignments, versions 0 to 1, flexible. Sets or cancels the target replicas of partitions (KIP-455).
//   v1 may forbid a change of the replication factor (KIP-860)
import { api, array, bool, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const AlterPartitionReassignments = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 1],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000).doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
    allowReplicationFactorChange: bool
      .since(1)
      .default(true)
      .doc('false: refuse targets with another number of replicas.'),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        replicas: array(brokerId).nullable().default(null).doc('null: cancel the reassignment.'),
      }),
    }),
  },
  response: {
    throttleTimeMs,
    allowReplicationFactorChange: bool.since(1).default(true).ignorable().doc('As in the request.'),
    errorCode,
    errorMessage: string.nullable(),
    responses: array({
      name: topicName,
      partitions: array({ partitionIndex: int32, errorCode, errorMessage: string.nullable() }),
    }),
  },
});
export interface AlterPartitionReassignmentsRequest extends RequestOf<typeof AlterPartitionReassignments> {}
export interface AlterPartitionReassignmentsResponse extends ResponseOf<typeof AlterPartitionReassignments> {}
