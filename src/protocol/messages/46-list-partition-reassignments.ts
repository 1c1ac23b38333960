// ListPartitionReassignments, version 0, flexible. Partitions whose replicas are being moved (KIP-455).
import { api, array, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const ListPartitionReassignments = api({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000).doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
    topics: array({ name: topicName, partitionIndexes: array(int32) })
      .nullable()
      .default(null)
      .doc('null: all.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable(),
    topics: array({
      name: topicName,
      partitions: array({
        partitionIndex: int32,
        replicas: array(brokerId),
        addingReplicas: array(brokerId),
        removingReplicas: array(brokerId),
      }),
    }),
  },
});
export interface ListPartitionReassignmentsRequest extends RequestOf<typeof ListPartitionReassignments> {}
export interface ListPartitionReassignmentsResponse extends ResponseOf<typeof ListPartitionReassignments> {}
