// BrokerRegistration, versions 0 to 4, goes to the controller as it is: it decides on the broker's epoch (KIP-631). Asked
// between brokers and controllers alone.
import { BrokerRegistration } from '../protocol/messages/62-broker-registration.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const brokerRegistration = (controller: ControllerChannel) =>
  defineHandler(BrokerRegistration, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(BrokerRegistration, request, context),
    failed: (_request, errorCode) => ({ errorCode, brokerEpoch: -1 }),
  });
