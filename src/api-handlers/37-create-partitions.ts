// CreatePartitions, versions 0 to 3, goes to the controller as it is: partitions are added, with or without an assignment
// (KIP-195).
import { CreatePartitions } from '../protocol/messages/37-create-partitions.ts';
import { checkDeadlineFor, namedOnce } from './controller-deadline.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const createPartitions = (controller: ControllerChannel) =>
  defineHandler(CreatePartitions, {
    authorize: [
      {
        operation: 'ALTER',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      checkDeadlineFor(namedOnce(request.topics.map(({ name }) => name)), request.timeoutMs);
      return controller.forward(CreatePartitions, request, context);
    },
    failed: (request, errorCode, errorMessage) => ({
      results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage })),
    }),
  });
