// DeleteGroups, versions 0 to 2: groups without members go, and their offsets with them (KIP-229), of every kind. A
// group that is named twice is deleted once.
import { DeleteGroups } from '../protocol/messages/42-delete-groups.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const deleteGroups = (groups: GroupCoordinator) =>
  defineHandler(DeleteGroups, {
    authorize: [
      {
        operation: 'DELETE',
        resource: 'GROUP',
        at: ['groupsNames'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => groups.deleteGroups(request, groupContext(context)),
    failed: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
  });
