// AssignReplicasToDirs, version 0, goes to the controller as it is: in which log directory replicas lie (KIP-858). Asked
// between brokers and controllers alone.
import { AssignReplicasToDirs } from '../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const assignReplicasToDirs = (controller: ControllerChannel) =>
  defineHandler(AssignReplicasToDirs, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(AssignReplicasToDirs, request, context),
    failed: (_request, errorCode) => ({ errorCode, directories: [] }),
  });
