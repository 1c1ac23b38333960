// UnregisterBroker, version 0, goes to the controller as it is: a broker that is gone for good is taken out, and what it led
// goes to others (KIP-631).
import { UnregisterBroker } from '../protocol/messages/64-unregister-broker.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const unregisterBroker = (controller: ControllerChannel) =>
  defineHandler(UnregisterBroker, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => controller.forward(UnregisterBroker, request, context),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  });
