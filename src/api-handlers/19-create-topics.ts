// CreateTopics, versions 2 to 7, goes to the controller as it is; topics can be used as soon as the answer is out. What was
// created is described from v5 on. A mutation quota that is used up is an error from v6 on (KIP-599).
import { METADATA_TOPIC } from '../protocol/index.ts';
import { CreateTopics } from '../protocol/messages/19-create-topics.ts';
import { checkDeadlineFor, namedOnce } from './controller-deadline.ts';
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
    handle(request, context) {
      const names = namedOnce(request.topics.map(({ name }) => name)).filter((name) => name !== METADATA_TOPIC);
      checkDeadlineFor(names, request.timeoutMs);
      return controller.forward(CreateTopics, request, context);
    },
    failed: (request, errorCode, errorMessage) => ({
      topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage, configs: [] })),
    }),
  });
