// AlterPartitionReassignments, versions 0 to 1, goes to the controller as it is: target replicas are set, or with null taken
// back (KIP-455). v1 may forbid a change of the replication factor (KIP-860).
import { AlterPartitionReassignments } from '../protocol/messages/45-alter-partition-reassignments.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const alterPartitionReassignments = (controller: ControllerChannel) =>
  defineHandler(AlterPartitionReassignments, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => controller.forward(AlterPartitionReassignments, request, context),
    failed: (request, errorCode, errorMessage) => ({
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode,
      errorMessage,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
      })),
    }),
  });
