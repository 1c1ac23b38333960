// StreamsGroupDescribe, version 0: streams groups with their topology and members, what each has and is to have (KIP-1071). A group
// of another kind, like one that does not exist, is GROUP_ID_NOT_FOUND. What the asker may do with a group is added here:
// everything.
import { StreamsGroupDescribe } from '../protocol/messages/89-streams-group-describe.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { withGroupOperations } from './authorized-operations.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import { checkStreamsProtocol } from './streams-requests.ts';

export const streamsGroupDescribe = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(StreamsGroupDescribe, {
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
      checkStreamsProtocol(groups, identity);
      const answer = await groups.streamsGroupDescribe(request, groupContext(context));
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
        members: [],
      })),
    }),
  });
