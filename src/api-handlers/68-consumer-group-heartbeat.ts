// ConsumerGroupHeartbeat, versions 0 to 1: members of consumer groups join, live and leave (KIP-848).
//   v1 subscription by regular expression; the client makes the ids of its members (KIP-1082)
// While `group.version` is 0, or the configs do not have the protocol, the answer is UNSUPPORTED_VERSION.
import { ConsumerGroupHeartbeat } from '../protocol/messages/68-consumer-group-heartbeat.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { checkConsumerProtocol, groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

export const consumerGroupHeartbeat = (groups: GroupCoordinator, identity: BrokerIdentity, access?: Access) =>
  defineHandler(ConsumerGroupHeartbeat, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['subscribedTopicNames'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      checkConsumerProtocol(groups, identity);
      const maySee = access && ((topic: string) => access.sees(context, 'DESCRIBE', 'TOPIC', topic));
      return groups.consumerGroupHeartbeat(request, { ...groupContext(context), maySee });
    },
    failed: (_request, errorCode, errorMessage) => ({
      errorCode,
      errorMessage,
      memberEpoch: 0,
      heartbeatIntervalMs: 0,
    }),
  });
