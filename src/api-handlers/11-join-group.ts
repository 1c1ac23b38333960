// JoinGroup, versions 0 to 9: the coordinator keeps the request until the group has come together.
//   v4 a new member is sent back once, with its id (KIP-394) · v5 static members · v9 a static leader may keep the assignment
// Otherwise than in Kafka, a member whose subscription cannot be read joins, subscribed to nothing known (Kafka never
// answers).
import { JoinGroup } from '../protocol/messages/11-join-group.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

const NULLABLE_PROTOCOL_SINCE = 7;

export const joinGroup = (groups: GroupCoordinator) =>
  defineHandler(JoinGroup, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => groups.joinGroup(request, groupContext(context)),
    failed: (_request, errorCode, _message, { apiVersion }) => ({
      errorCode,
      protocolName: apiVersion >= NULLABLE_PROTOCOL_SINCE ? null : '',
      leader: '',
      memberId: '',
      members: [],
    }),
  });
