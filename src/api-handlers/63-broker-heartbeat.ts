// BrokerHeartbeat, versions 0 to 2, goes to the controller as it is (KIP-631): the broker lives, and hears whether it is
// fenced. Asked between brokers and controllers alone.
import { BrokerHeartbeat } from '../protocol/messages/63-broker-heartbeat.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const brokerHeartbeat = (controller: ControllerChannel) =>
  defineHandler(BrokerHeartbeat, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(BrokerHeartbeat, request, context),
    failed: (_request, errorCode) => ({ errorCode, isFenced: true, shouldShutDown: false }),
  });
