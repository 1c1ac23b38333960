// DescribeGroups, versions 0 to 6: classic groups with their members. A group of another kind, like one that does not exist,
// is a dead one before v6 and GROUP_ID_NOT_FOUND since. What may be done with a group (v3) is added here: everything, unless a guard says otherwise.
import { DescribeGroups } from '../protocol/messages/15-describe-groups.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { withGroupOperations } from './authorized-operations.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

/** KIP-1043. */
const MESSAGE_SINCE = 6;

export const describeGroups = (groups: GroupCoordinator) =>
  defineHandler(DescribeGroups, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'GROUP',
        at: ['groups'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const answer = await groups.describeGroups(request, groupContext(context));
      if (!request.includeAuthorizedOperations) return answer;
      const described = withGroupOperations(answer.groups);
      return { ...answer, groups: described };
    },
    failed: (request, errorCode, message, { apiVersion }) => ({
      groups: request.groups.map((groupId) => ({
        errorCode,
        errorMessage: apiVersion >= MESSAGE_SINCE ? message : null,
        groupId,
        groupState: '',
        protocolType: '',
        protocolData: '',
        members: [],
      })),
    }),
  });
