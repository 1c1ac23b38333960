// CreateTopics goes to the controller as it is; topics can be used as soon as the answer is out.
import { CreateTopics } from '../protocol/messages/19-create-topics.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const createTopics = (controller: ControllerChannel) =>
  defineHandler(CreateTopics, {
    authorize: [
      {
        operation: 'CREATE',
        resource: 'CLUSTER',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
        orElse: ['TOPIC', 'CREATE'],
      },
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => controller.forward(CreateTopics, request, context),
    failed: (request, errorCode, errorMessage) => ({
      topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage, configs: [] })),
    }),
  });
