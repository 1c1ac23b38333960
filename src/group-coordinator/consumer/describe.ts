// A consumer group as ConsumerGroupDescribe shows it (Kafka: ConsumerGroup.asDescribedGroup).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { ConsumerGroupDescribeResponse } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { TopicPartitions } from '../modern/index.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { mostOf } from './counts.ts';
import { withoutEpochs } from './partition-epochs.ts';

export type DescribedConsumerGroup = ConsumerGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedConsumerGroup['members'][number];

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

/** `defaultAssignor`: that of a group whose members ask for none. */
export function describedConsumerGroup(
  group: ConsumerGroup,
  defaultAssignor: string,
  image: MetadataImage,
): DescribedConsumerGroup {
  const { groupId, state, epoch, assignmentEpoch } = group;
  return {
    errorCode: Errors.NONE,
    errorMessage: null,
    groupId,
    groupState: state,
    groupEpoch: epoch,
    assignmentEpoch,
    assignorName: mostOf(group.assignors) ?? defaultAssignor,
    members: Array.from(group.members, (member) => describedMember(member, group.target(member.memberId), image)),
  };
}

export function undescribedConsumerGroup(
  groupId: string,
  errorCode: ErrorCode,
  errorMessage: string | null = null,
): DescribedConsumerGroup {
  const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
  return { errorCode, errorMessage, groupId, ...nothing };
}

function describedMember(member: ConsumerMember, target: TopicPartitions, image: MetadataImage): DescribedMember {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicRegex, classic } = member;
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex,
    assignment: rowsOf([withoutEpochs(member.assigned), withoutEpochs(member.pendingRevocation)], image),
    targetAssignment: rowsOf([target], image),
    memberType: classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  };
}

/** Topics that are gone are left out. */
function rowsOf(parts: readonly TopicPartitions[], image: MetadataImage): DescribedMember['assignment'] {
  const all = new Map<string, number[]>();
  for (const part of parts) {
    for (const [topicId, partitions] of part) all.set(topicId, [...(all.get(topicId) ?? []), ...partitions]);
  }
  const topicPartitions = [];
  for (const [topicId, partitions] of all) {
    const topicName = image.topics.byId.get(topicId)?.name;
    if (topicName !== undefined)
      topicPartitions.push({ topicId, topicName, partitions: partitions.sort((a, b) => a - b) });
  }
  return { topicPartitions };
}
