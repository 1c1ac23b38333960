// ShareGroupDescribe, version 1: share groups with their members, and what each reads (KIP-932). A group of another kind, like
// one that does not exist, is GROUP_ID_NOT_FOUND. What may be done with a group is added here: everything, unless a guard says otherwise.
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { ShareGroupDescribe } from '../protocol/messages/77-share-group-describe.ts';
import { withGroupOperations } from './authorized-operations.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import type { ShareFeature } from './share-feature.ts';

export const shareGroupDescribe = (groups: GroupCoordinator, feature: ShareFeature) =>
  defineHandler(ShareGroupDescribe, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'GROUP',
        at: ['groupIds'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
      { operation: 'DESCRIBE', resource: 'TOPIC', at: [], asked: 'within', denied: 'TOPIC_AUTHORIZATION_FAILED' },
    ],
    async handle(request, context) {
      feature.check();
      const answer = await groups.shareGroupDescribe(request, groupContext(context));
      return request.includeAuthorizedOperations ? { ...answer, groups: withGroupOperations(answer.groups) } : answer;
    },
    failed: (request, errorCode, errorMessage) => ({
      groups: request.groupIds.map((groupId) => ({
        errorCode,
        errorMessage,
        groupId,
        groupState: '',
        groupEpoch: 0,
        assignmentEpoch: 0,
        assignorName: '',
        members: [],
      })),
    }),
  });
