// A share group as ShareGroupDescribe shows it (Kafka: ShareGroup.asDescribedGroup).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { ShareGroupDescribeResponse } from '../../protocol/messages/77-share-group-describe.ts';
import { simpleAssignor } from '../assignors/index.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';

export type DescribedShareGroup = ShareGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedShareGroup['members'][number];

export function describedShareGroup(group: ShareGroup, image: MetadataImage): DescribedShareGroup {
  const { groupId, state, epoch, assignmentEpoch } = group;
  return {
    errorCode: Errors.NONE,
    errorMessage: null,
    groupId,
    groupState: state,
    groupEpoch: epoch,
    assignmentEpoch,
    assignorName: simpleAssignor.name,
    members: Array.from(group.members, (member) => describedMember(member, image)),
  };
}

export function undescribedShareGroup(
  groupId: string,
  errorCode: ErrorCode,
  errorMessage: string | null = null,
): DescribedShareGroup {
  const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
  return { errorCode, errorMessage, groupId, ...nothing };
}

/** Topics that are gone are left out. */
function describedMember(member: ShareMember, image: MetadataImage): DescribedMember {
  const { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assigned } = member;
  const topicPartitions = [];
  for (const [topicId, partitions] of assigned) {
    const topicName = image.topics.byId.get(topicId)?.name;
    if (topicName === undefined) continue;
    topicPartitions.push({ topicId, topicName, partitions: [...partitions].sort((one, other) => one - other) });
  }
  return {
    memberId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...subscribedTopicNames],
    assignment: { topicPartitions },
  };
}
