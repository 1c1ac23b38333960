// DescribeShareGroupOffsets, versions 0 to 1: where share groups stand (KIP-932).
//   v1 lag (KIP-1226)
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { DescribeShareGroupOffsets } from '../protocol/messages/90-describe-share-group-offsets.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import type { ShareFeature } from './share-feature.ts';

export const describeShareGroupOffsets = (groups: GroupCoordinator, feature: ShareFeature) =>
  defineHandler(DescribeShareGroupOffsets, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'GROUP',
        at: ['groups.groupId'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['groups.topics.topicName'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      feature.check();
      return groups.describeShareGroupOffsets(request, groupContext(context));
    },
    failed: (request, errorCode, errorMessage) => ({
      groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode, errorMessage })),
    }),
  });
