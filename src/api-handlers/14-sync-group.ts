// SyncGroup, versions 0 to 5: the leader brings the assignment, the others are told theirs when it is there. From v5 on the
// protocol's type and name must be the group's (KIP-559).
import { SyncGroup } from '../protocol/messages/14-sync-group.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

const NOTHING = new Uint8Array(0);

export const syncGroup = (groups: GroupCoordinator) =>
  defineHandler(SyncGroup, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => groups.syncGroup(request, groupContext(context)),
    failed: (_request, errorCode) => ({ errorCode, assignment: NOTHING }),
  });
