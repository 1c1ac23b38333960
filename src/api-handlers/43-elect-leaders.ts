// ElectLeaders, versions 0 to 2, goes to the controller as it is: the preferred replica shall lead or, from v1 on, any that
// there is (KIP-460). Null means all partitions.
import { Errors } from '../protocol/index.ts';
import { ElectLeaders } from '../protocol/messages/43-elect-leaders.ts';
import { checkDeadline } from './controller-deadline.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

/** Before, only a partition could fail. */
const ERROR_SINCE = 1;

export const electLeaders = (controller: ControllerChannel) =>
  defineHandler(ElectLeaders, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(request, context) {
      // Nothing asked for is done before anything else is looked at (QuorumController.electLeaders).
      if (request.topicPartitions?.length === 0) return { errorCode: Errors.NONE, replicaElectionResults: [] };
      checkDeadline(request.timeoutMs);
      return controller.forward(ElectLeaders, request, context);
    },
    failed: (request, errorCode, errorMessage, { apiVersion }) => ({
      errorCode: apiVersion >= ERROR_SINCE ? errorCode : Errors.NONE,
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
      })),
    }),
  });
