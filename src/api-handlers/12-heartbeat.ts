// Heartbeat, versions 0 to 4: a member says that it lives, and hears whether the group is about to change. Classic groups
// only.
import { Heartbeat } from '../protocol/messages/12-heartbeat.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const heartbeat = (groups: GroupCoordinator) =>
  defineHandler(Heartbeat, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => groups.heartbeat(request, groupContext(context)),
    failed: (_request, errorCode) => ({ errorCode }),
  });
