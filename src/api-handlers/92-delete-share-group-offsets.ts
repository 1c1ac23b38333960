// DeleteShareGroupOffsets, version 0: an empty share group forgets where it stands in topics (KIP-932).
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { DeleteShareGroupOffsets } from '../protocol/messages/92-delete-share-group-offsets.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import type { ShareFeature } from './share-feature.ts';

export const deleteShareGroupOffsets = (groups: GroupCoordinator, feature: ShareFeature) =>
  defineHandler(DeleteShareGroupOffsets, {
    authorize: [
      {
        operation: 'DELETE',
        resource: 'GROUP',
        at: ['groupId'],
        asked: 'before',
        denied: 'GROUP_AUTHORIZATION_FAILED',
        hasText: true,
      },
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.topicName'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      feature.check();
      return groups.deleteShareGroupOffsets(request, groupContext(context));
    },
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
  });
