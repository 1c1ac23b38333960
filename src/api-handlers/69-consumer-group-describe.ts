// ConsumerGroupDescribe, versions 0 to 1: consumer groups with their members, what each has and is to have (KIP-848). A group of
// another kind, like one that does not exist, is GROUP_ID_NOT_FOUND. What may be done with a group is added here: everything, unless a guard says otherwise.
//   v1 which protocol a member speaks (KIP-1099)
// While `group.version` is 0, or the configs do not have the protocol, the answer is UNSUPPORTED_VERSION.
import { ConsumerGroupDescribe } from '../protocol/messages/69-consumer-group-describe.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { withGroupOperations } from './authorized-operations.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { checkConsumerProtocol, groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const consumerGroupDescribe = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(ConsumerGroupDescribe, {
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
      checkConsumerProtocol(groups, identity);
      const answer = await groups.consumerGroupDescribe(request, groupContext(context));
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
        assignorName: '',
        members: [],
      })),
    }),
  });
