// AlterShareGroupOffsets, version 0: where an empty share group is to begin (KIP-932). It makes a group that does not exist.
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { AlterShareGroupOffsets } from '../protocol/messages/91-alter-share-group-offsets.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import type { ShareFeature } from './share-feature.ts';

export const alterShareGroupOffsets = (groups: GroupCoordinator, feature: ShareFeature) =>
  defineHandler(AlterShareGroupOffsets, {
    authorize: [
      {
        operation: 'READ',
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
      return groups.alterShareGroupOffsets(request, groupContext(context));
    },
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
  });
