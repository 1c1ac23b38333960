// ControllerRegistration, version 0, goes to the controller as it is: who the controllers are, where they listen and what they
// can live with (KIP-919). Asked between controllers alone.
import { ControllerRegistration } from '../protocol/messages/70-controller-registration.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const controllerRegistration = (controller: ControllerChannel) =>
  defineHandler(ControllerRegistration, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(ControllerRegistration, request, context),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  });
