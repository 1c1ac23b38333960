// SyncGroup: the leader brings the assignment, the others are told theirs when it is there.
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
