// CreateTopics, versions 2 to 7, goes to the controller as it is; topics can be used as soon as the answer is out, and the
// client's time-out is not needed. What was created is described from v5 on. There are no mutation quotas (v6).
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
