// AllocateProducerIds, version 0, goes to the controller as it is: a block of a thousand producer ids (KIP-730). Asked between
// brokers and controllers alone.
import { AllocateProducerIds } from '../protocol/messages/67-allocate-producer-ids.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const allocateProducerIds = (controller: ControllerChannel) =>
  defineHandler(AllocateProducerIds, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(AllocateProducerIds, request, context),
    failed: (_request, errorCode) => ({ errorCode, producerIdStart: 0, producerIdLen: 0 }),
  });
