// ListPartitionReassignments, version 0, goes to the controller as it is: partitions whose replicas are being moved (KIP-455).
import { ListPartitionReassignments } from '../protocol/messages/46-list-partition-reassignments.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const listPartitionReassignments = (controller: ControllerChannel) =>
  defineHandler(ListPartitionReassignments, {
    authorize: [
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => controller.forward(ListPartitionReassignments, request, context),
    // What was asked for comes back, without replicas (ListPartitionReassignmentsRequest.getErrorResponse).
    failed: (request, errorCode, errorMessage) => ({
      errorCode,
      errorMessage,
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          replicas: [],
          addingReplicas: [],
          removingReplicas: [],
        })),
      })),
    }),
  });
