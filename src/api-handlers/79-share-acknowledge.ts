// ShareAcknowledge, versions 1 to 2: a member of a share group says what has become of records (KIP-932; Kafka:
// KafkaApis.handleShareAcknowledgeRequest).
//   v2 renewed locks (KIP-1222), and how long they hold
import { Errors, KafkaError } from '../protocol/index.ts';
import { ShareAcknowledge, type ShareAcknowledgeResponse } from '../protocol/messages/79-share-acknowledge.ts';
import type { ReplicaManager } from '../replication/index.ts';
import type { SharePartitionManager } from '../share-partitions/index.ts';
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';
import { LeaderHints } from './leader-hints.ts';
import { acknowledgeAll, type AcknowledgementVerdict, isMemberIdValid, readersOf } from './share-acknowledgements.ts';
import type { ShareFeature } from './share-feature.ts';

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const RENEWAL_SINCE = 2;

type AnsweredTopic = ShareAcknowledgeResponse['responses'][number];

export const shareAcknowledge = (
  shares: SharePartitionManager,
  replicas: ReplicaManager,
  identity: BrokerIdentity,
  feature: ShareFeature,
  access?: Access,
) =>
  defineHandler(ShareAcknowledge, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      feature.check();
      const { groupId, memberId, shareSessionEpoch, topics } = request;
      if (groupId === null || !isMemberIdValid(memberId)) throw new KafkaError(Errors.INVALID_REQUEST);
      // Who has no session has nothing to acknowledge.
      if (shareSessionEpoch === INITIAL_EPOCH) throw new KafkaError(Errors.INVALID_SHARE_SESSION_EPOCH);
      const session = shares.sessions.request(groupId, memberId, shareSessionEpoch);
      const image = identity.image();
      if (topics.some(({ topicId }) => !image.topics.byId.has(topicId))) {
        throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
      }
      const knowsRenewal = context.apiVersion >= RENEWAL_SINCE;
      const who = { groupId, memberId, knowsRenewal, isRenewal: knowsRenewal && request.isRenewAck };
      const mayRead = readersOf(access, context);
      const verdicts = await acknowledgeAll(shares, image, topics, { ...who, mayRead });
      if (shareSessionEpoch === FINAL_EPOCH) shares.endSession(session);
      const hints = new LeaderHints(replicas, identity, context);
      const responses = byTopic(verdicts, hints);
      const { lockDurationMs } = shares.settings(groupId);
      const nodeEndpoints = hints.nodeEndpoints();
      return { errorCode: Errors.NONE, acquisitionLockTimeoutMs: lockDurationMs, responses, nodeEndpoints };
    },
    malformed: ({ groupId }) => (groupId === null ? new KafkaError(Errors.INVALID_REQUEST) : undefined),
    failed: (_request, errorCode) => ({ errorCode, responses: [], nodeEndpoints: [] }),
  });

function byTopic(verdicts: readonly AcknowledgementVerdict[], hints: LeaderHints): AnsweredTopic[] {
  const topics = new Map<string, AnsweredTopic['partitions'][number][]>();
  for (const { topicId, topic, partition: partitionIndex, errorCode, errorMessage } of verdicts) {
    const isElsewhere = errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH;
    const leader = isElsewhere ? hints.leaderOf(topic, partitionIndex) : undefined;
    const currentLeader = leader ?? { leaderId: 0, leaderEpoch: 0 };
    const row = { partitionIndex, errorCode, errorMessage, currentLeader };
    const known = topics.get(topicId);
    if (known === undefined) topics.set(topicId, [row]);
    else known.push(row);
  }
  return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }));
}
