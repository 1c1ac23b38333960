// AlterPartition, versions 2 to 3, goes to the controller as it is: the leader of partitions has their ISR changed (KIP-497).
// Asked between brokers and controllers alone.
import { AlterPartition } from '../protocol/messages/56-alter-partition.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const alterPartition = (controller: ControllerChannel) =>
  defineHandler(AlterPartition, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(AlterPartition, request, context),
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
  });
