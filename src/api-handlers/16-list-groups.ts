// ListGroups, versions 0 to 5: the groups that this broker coordinates, filtered by state (v4) and type (v5), whatever
// kind they are of.
import { ListGroups } from '../protocol/messages/16-list-groups.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const listGroups = (groups: GroupCoordinator) =>
  defineHandler(ListGroups, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: null,
        orElse: ['GROUP', 'DESCRIBE'],
      },
    ],
    handle: (request, context) => groups.listGroups(request, groupContext(context)),
    failed: (_request, errorCode) => ({ errorCode, groups: [] }),
  });
