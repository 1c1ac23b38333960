// LeaveGroup: members go, several at once if need be (KIP-345).
import { LeaveGroup } from '../protocol/messages/13-leave-group.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const leaveGroup = (groups: GroupCoordinator) =>
  defineHandler(LeaveGroup, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => groups.leaveGroup(request, groupContext(context)),
    failed: (_request, errorCode) => ({ errorCode, members: [] }),
  });
