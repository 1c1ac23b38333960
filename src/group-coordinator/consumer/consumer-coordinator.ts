// The APIs of the consumer protocol: ConsumerGroupHeartbeat, ConsumerGroupDescribe. Here stands what is decided without the group
// (Kafka: GroupCoordinatorService.consumerGroupHeartbeat, consumerGroupDescribe).
import { randomUuid } from '../../kraft/metadata/index.ts';
import { Errors, hashOrderOfTexts, KafkaError } from '../../protocol/index.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../protocol/messages/69-consumer-group-describe.ts';
import type { Random } from '../../runtime/index.ts';
import { answering, eachOnce, together } from '../answers.ts';
import { JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH } from '../modern/index.ts';
import type { Answer, GroupRequestContext, GroupShards } from '../shards.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { type DescribedConsumerGroup, describedConsumerGroup, undescribedConsumerGroup } from './describe.ts';
import { heartbeat } from './heartbeat.ts';
import { leave } from './membership.ts';
import type { TopicRegexes } from './topic-regexes.ts';

/** What the APIs need of a shard. */
export interface ConsumerShard {
  readonly consumer: ConsumerWorld;
}

/** Since then clients make the ids of their members (KIP-1082). */
const MEMBER_ID_BY_CLIENT_SINCE = 1;

export class ConsumerCoordinator {
  readonly #shards: GroupShards<ConsumerShard>;
  readonly #settings: ConsumerSettings;
  readonly #regexes: TopicRegexes;
  readonly #random: Random;

  constructor(shards: GroupShards<ConsumerShard>, settings: ConsumerSettings, regexes: TopicRegexes, random: Random) {
    this.#shards = shards;
    this.#settings = settings;
    this.#regexes = regexes;
    this.#random = random;
  }

  heartbeat(
    request: ConsumerGroupHeartbeatRequest,
    { clientId, clientHost, apiVersion, maySee }: GroupRequestContext,
  ): Answer<ConsumerGroupHeartbeatResponse> {
    return answering<ConsumerGroupHeartbeatResponse>(
      () => {
        checkHeartbeat(request, apiVersion, this.#settings.assignors);
        const isLeaving = request.memberEpoch < JOIN_EPOCH;
        const newMemberId = request.memberId === '' ? randomUuid(this.#random) : '';
        const ask = (): Answer<ConsumerGroupHeartbeatResponse> =>
          this.#shards.ask(request.groupId, ({ consumer }, effects) =>
            isLeaving
              ? leave(consumer, request, effects)
              : heartbeat(consumer, { request, clientId, clientHost, newMemberId, maySee }, effects),
          );
        const needsEngine = (request.subscribedTopicRegex ?? '') !== '' && !this.#regexes.isLoaded;
        return needsEngine ? this.#regexes.load().then(ask) : ask();
      },
      (errorCode, errorMessage) => ({ errorCode, errorMessage, memberEpoch: 0, heartbeatIntervalMs: 0 }),
    );
  }

  describe(request: ConsumerGroupDescribeRequest): Answer<ConsumerGroupDescribeResponse> {
    const groups = eachOnce(request.groupIds, (groupId) =>
      answering<DescribedConsumerGroup>(
        () => {
          if (groupId === '') throw new KafkaError(Errors.INVALID_GROUP_ID);
          return this.#shards.ask(groupId, ({ consumer }) => this.#described(groupId, consumer));
        },
        (errorCode) => undescribedConsumerGroup(groupId, errorCode),
      ),
    );
    return together(groups, (all) => ({ groups: all }));
  }

  #described(groupId: string, { groups, image }: ConsumerWorld): DescribedConsumerGroup {
    const group = groups.consumer(groupId);
    if (group !== undefined) return describedConsumerGroup(group, this.#settings.assignors[0] ?? '', image);
    const why = groups.get(groupId) === undefined ? 'not found.' : 'is not a consumer group.';
    return undescribedConsumerGroup(groupId, Errors.GROUP_ID_NOT_FOUND, `Group ${groupId} ${why}`);
  }
}

/** Throws KafkaError INVALID_REQUEST, UNSUPPORTED_ASSIGNOR. */
function checkHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  apiVersion: number,
  assignors: readonly string[],
): void {
  const { memberId, memberEpoch, instanceId, serverAssignor } = request;
  const refuseIf = (isWrong: boolean, why: string): void => {
    if (isWrong) throw new KafkaError(Errors.INVALID_REQUEST, why);
  };
  const needsId = apiVersion >= MEMBER_ID_BY_CLIENT_SINCE || memberEpoch > JOIN_EPOCH || memberEpoch === LEAVE_EPOCH;
  refuseIf(needsId && memberId.trim() === '', "MemberId can't be empty.");
  refuseIf(request.groupId.trim() === '', "GroupId can't be empty.");
  refuseIf(instanceId?.trim() === '', "InstanceId can't be empty.");
  refuseIf(request.rackId?.trim() === '', "RackId can't be empty.");
  if (memberEpoch === JOIN_EPOCH) {
    const { subscribedTopicNames: names, subscribedTopicRegex: regex, topicPartitions: owned } = request;
    refuseIf(request.rebalanceTimeoutMs === -1, 'RebalanceTimeoutMs must be provided in first request.');
    refuseIf(owned === null || owned.length > 0, 'TopicPartitions must be empty when (re-)joining.');
    const isMissing = names === null && regex === null;
    refuseIf(isMissing, 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.');
  }
  refuseIf(memberEpoch === LEAVE_STATIC_EPOCH && instanceId === null, "InstanceId can't be null.");
  refuseIf(memberEpoch < LEAVE_STATIC_EPOCH, 'MemberEpoch is invalid.');
  if (serverAssignor === null || assignors.includes(serverAssignor)) return;
  const supported = hashOrderOfTexts(assignors).join(', ');
  const message = `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${supported}.`;
  throw new KafkaError(Errors.UNSUPPORTED_ASSIGNOR, message);
}
