// DeleteTopics, versions 1 to 6, by name and from v6 on by id, goes to the controller as it is; with
// delete.topic.enable=false it refuses: TOPIC_DELETION_DISABLED, before v3 INVALID_REQUEST.
import { ZERO_UUID } from '../protocol/index.ts';
import { DeleteTopics, type DeleteTopicsRequest } from '../protocol/messages/20-delete-topics.ts';
import { checkDeadlineFor, namedOnce } from './controller-deadline.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

const BY_ID_SINCE = 6;

export const deleteTopics = (controller: ControllerChannel) =>
  defineHandler(DeleteTopics, {
    authorize: [
      {
        operation: 'DELETE',
        resource: 'TOPIC',
        at: ['topics.name', 'topics.topicId', 'topicNames'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.name', 'topics.topicId', 'topicNames'],
        asked: 'within',
        denied: null,
      },
    ],
    handle(request, context) {
      checkDeadlineFor(namedForDeletion(request, context.apiVersion), request.timeoutMs);
      return controller.forward(DeleteTopics, request, context);
    },
    failed: (request, errorCode, errorMessage, { apiVersion }) => ({
      responses:
        apiVersion >= BY_ID_SINCE
          ? request.topics.map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage }))
          : request.topicNames.map((name) => ({ name, errorCode, errorMessage })),
    }),
  });

/** The topics that are named once, and in one way (ControllerApis.deleteTopics). */
export function namedForDeletion({ topics, topicNames }: DeleteTopicsRequest, apiVersion: number): string[] {
  if (apiVersion < BY_ID_SINCE) return namedOnce(topicNames);
  const inOneWay = topics.filter(({ name, topicId }) => (name === null) !== (topicId === ZERO_UUID));
  return namedOnce(inOneWay.map(({ name, topicId }) => name ?? topicId));
}
