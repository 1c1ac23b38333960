// AlterClientQuotas, versions 0 to 1, goes to the controller as it is: quotas of users, client ids and addresses are set and
// removed (KIP-546).
import { AlterClientQuotas } from '../protocol/messages/49-alter-client-quotas.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const alterClientQuotas = (controller: ControllerChannel) =>
  defineHandler(AlterClientQuotas, {
    authorize: [
      {
        operation: 'ALTER_CONFIGS',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(AlterClientQuotas, request, context),
    failed: (request, errorCode, errorMessage) => ({
      entries: request.entries.map(({ entity }) => ({ errorCode, errorMessage, entity: [...entity] })),
    }),
  });
