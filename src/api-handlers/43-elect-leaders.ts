// ElectLeaders goes to the controller as it is.
import { ElectLeaders } from '../protocol/messages/43-elect-leaders.ts';
import type { ReplicaController } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const electLeaders = (controller: ReplicaController) =>
  defineHandler(ElectLeaders, {
    handle: (request) => controller.electLeaders(request),
    failed: (request, errorCode, errorMessage) => ({
      errorCode,
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
      })),
    }),
  });
