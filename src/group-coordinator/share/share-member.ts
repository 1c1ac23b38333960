// A member of a share group (Kafka: ShareGroupMember): what it has said of itself, and what it reads. Partitions are shared, so
// that nothing has to be given up before somebody else has it: a member has its target as soon as it hears of it.
import { JOIN_EPOCH, memberStateOf, MemberStates, type ModernMember, sameNames } from '../modern/index.ts';
import { NO_PARTITIONS, sameTopicPartitions, type TopicPartitions, topicPartitionsOf } from '../modern/index.ts';
import type {
  ShareGroupCurrentMemberAssignmentValue,
  ShareGroupMemberMetadataValue,
} from '../../protocol/messages/share-group-records.ts';

export interface ShareMember extends ModernMember {
  readonly assigned: TopicPartitions;
}

/** What a heartbeat says of a member; null leaves a thing as it is. */
export interface ShareMemberUpdate {
  readonly rackId: string | null;
  readonly subscribedTopicNames: readonly string[] | null;
  readonly clientId: string;
  readonly clientHost: string;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Nothing is known of it yet. */
export function newShareMember(memberId: string): ShareMember {
  return {
    memberId,
    memberEpoch: JOIN_EPOCH,
    previousMemberEpoch: -1,
    state: MemberStates.STABLE,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: NO_NAMES,
    assigned: NO_PARTITIONS,
  };
}

export function toldShareMember(member: ShareMember, update: ShareMemberUpdate): ShareMember {
  const { subscribedTopicNames: names, rackId, clientId, clientHost } = update;
  const asked = names === null ? member.subscribedTopicNames : new Set(names);
  return {
    ...member,
    rackId: rackId ?? member.rackId,
    subscribedTopicNames: sameNames(asked, member.subscribedTopicNames) ? member.subscribedTopicNames : asked,
    clientId,
    clientHost,
  };
}

/** The member as a record of its subscription tells. */
export function subscribedShareMember(member: ShareMember, value: ShareGroupMemberMetadataValue): ShareMember {
  const { rackId, clientId, clientHost, subscribedTopicNames } = value;
  return { ...member, rackId, clientId, clientHost, subscribedTopicNames: new Set(subscribedTopicNames) };
}

/** The member as a record of its assignment tells; null: it has left. */
export function assignedShareMember(
  member: ShareMember,
  value: ShareGroupCurrentMemberAssignmentValue | null,
): ShareMember {
  if (value === null) return { ...member, memberEpoch: -1, previousMemberEpoch: -1, assigned: NO_PARTITIONS };
  const { memberEpoch, previousMemberEpoch, state } = value;
  const assigned = topicPartitionsOf(value.assignedPartitions);
  return { ...member, memberEpoch, previousMemberEpoch, state: memberStateOf(state), assigned };
}

/** Nothing has to be written of what the member says of itself. */
export function hasSameFacts(one: ShareMember, other: ShareMember): boolean {
  return (
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    sameNames(one.subscribedTopicNames, other.subscribedTopicNames)
  );
}

/** The member with its target of `assignmentEpoch`, as far as it has subscribed to it (Kafka: ShareGroupAssignmentBuilder). */
export function reconciledShareMember(
  member: ShareMember,
  target: TopicPartitions,
  assignmentEpoch: number,
  subscribedTopicIds: ReadonlySet<string>,
): ShareMember {
  const assigned = new Map([...target].filter(([topicId]) => subscribedTopicIds.has(topicId)));
  const kept = sameTopicPartitions(assigned, member.assigned) ? member.assigned : assigned;
  if (assignmentEpoch === member.memberEpoch) return { ...member, assigned: kept };
  const epochs = { memberEpoch: assignmentEpoch, previousMemberEpoch: member.memberEpoch };
  return { ...member, ...epochs, state: MemberStates.STABLE, assigned: kept };
}
