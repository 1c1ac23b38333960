// CreatePartitions goes to the controller as it is.
import { CreatePartitions } from '../protocol/messages/37-create-partitions.ts';
import type { TopicController } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const createPartitions = (controller: TopicController) =>
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
    handle: (request) => controller.createPartitions(request),
    failed: (request, errorCode, errorMessage) => ({
      results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage })),
    }),
  });
