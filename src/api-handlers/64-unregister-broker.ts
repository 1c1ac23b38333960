// UnregisterBroker goes to the controller as it is.
import { Errors } from '../protocol/index.ts';
import { UnregisterBroker } from '../protocol/messages/64-unregister-broker.ts';
import type { ClusterController } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const unregisterBroker = (controller: ClusterController) =>
  defineHandler(UnregisterBroker, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    async handle({ brokerId }) {
      await controller.unregisterBroker(brokerId);
      return { errorCode: Errors.NONE, errorMessage: null };
    },
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  });
