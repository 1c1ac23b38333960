// AlterPartitionReassignments, versions 0 to 1, goes to the controller as it is: target replicas are set, or with null taken
// back (KIP-455). v1 may forbid a change of the replication factor (KIP-860).
import { Errors } from '../protocol/index.ts';
import { AlterPartitionReassignments } from '../protocol/messages/45-alter-partition-reassignments.ts';
import { checkDeadline } from './controller-deadline.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

/** What Kafka's controller gives before it looks at anything: the defaults of the message (QuorumController). */
const NOTHING_ASKED = { allowReplicationFactorChange: true, errorCode: Errors.NONE, errorMessage: '', responses: [] };

export const alterPartitionReassignments = (controller: ControllerChannel) =>
  defineHandler(AlterPartitionReassignments, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(request, context) {
      if (request.topics.length === 0) return NOTHING_ASKED;
      checkDeadline(request.timeoutMs);
      return controller.forward(AlterPartitionReassignments, request, context);
    },
    failed: (request, errorCode, errorMessage) => ({
      allowReplicationFactorChange: true,
      errorCode,
      errorMessage,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
      })),
    }),
  });
