// LeaveGroup, versions 0 to 5: members of a classic group go; from v3 on several at once, each answered for itself (KIP-345).
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
