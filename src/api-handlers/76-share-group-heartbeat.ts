// ShareGroupHeartbeat, version 1: members of share groups join, live and leave (KIP-932; Kafka:
// KafkaApis.handleShareGroupHeartbeat).
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import { ShareGroupHeartbeat } from '../protocol/messages/76-share-group-heartbeat.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import { isMemberIdValid } from './share-acknowledgements.ts';
import type { ShareFeature } from './share-feature.ts';

export const shareGroupHeartbeat = (groups: GroupCoordinator, feature: ShareFeature) =>
  defineHandler(ShareGroupHeartbeat, {
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
      feature.check();
      if (!isMemberIdValid(request.memberId)) throw new KafkaError(Errors.INVALID_REQUEST);
      return groups.shareGroupHeartbeat(request, groupContext(context));
    },
    failed: (_request, errorCode, errorMessage) => ({
      errorCode,
      errorMessage,
      memberEpoch: 0,
      heartbeatIntervalMs: 0,
    }),
  });
