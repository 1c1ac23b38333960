// Who a heartbeat is from, and how members leave or are lost (Kafka: GroupMetadataManager, getOrMaybeSubscribe… to
// consumerGroupFenceMembers).
import { Errors, KafkaError } from '../../protocol/index.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { JOIN_EPOCH, LEAVE_STATIC_EPOCH, type TopicPartitionsRow } from '../modern/index.ts';
import { cancelMemberTimers, type ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, newMember } from './consumer-member.ts';
import {
  currentAssignmentRecord,
  epochRecord,
  memberRecord,
  memberTombstones,
  regexTombstone,
  targetRecord,
} from './consumer-records.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { downgraded, isDowngradedWithout } from './migration.ts';
import { hasAllOf, NO_EPOCHS } from './partition-epochs.ts';

export interface Asking {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly owned: readonly TopicPartitionsRow[] | null;
  readonly isJoining: boolean;
}

/** Throws KafkaError GROUP_MAX_SIZE_REACHED for one more than the group may have. */
export function checkSize(group: ConsumerGroup, memberId: string, maxSize: number): void {
  if (group.size < maxSize || group.member(memberId) !== undefined) return;
  const message = `The consumer group has reached its maximum capacity of ${maxSize} members.`;
  throw new KafkaError(Errors.GROUP_MAX_SIZE_REACHED, message);
}

/**
 * The member that a heartbeat is from; a new one, or the one whose place it takes, for who joins. Throws KafkaError
 * UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, FENCED_INSTANCE_ID, UNRELEASED_INSTANCE_ID.
 */
export function memberOf(group: ConsumerGroup, asking: Asking, records: GroupStateRecord[]): ConsumerMember {
  const { memberId, instanceId, isJoining } = asking;
  if (instanceId === null) {
    const member = isJoining ? (group.member(memberId) ?? newMember(memberId)) : knownMember(group, memberId);
    checkEpoch(member, asking);
    return member;
  }
  if (!isJoining) {
    const member = knownStaticMember(group, memberId, instanceId);
    checkEpoch(member, asking);
    return member;
  }
  const held = group.staticMember(instanceId);
  if (held === undefined) return group.member(memberId) ?? newMember(memberId);
  if (held.classic === null && held.memberEpoch !== LEAVE_STATIC_EPOCH) {
    throw new KafkaError(
      Errors.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ` +
        `${held.memberId} member.`,
    );
  }
  return replacedMember(group, held, memberId, records);
}

/** Throws KafkaError UNKNOWN_MEMBER_ID. */
export function knownMember(group: ConsumerGroup, memberId: string): ConsumerMember {
  const member = group.member(memberId);
  if (member !== undefined) return member;
  throw new KafkaError(Errors.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${group.groupId}.`);
}

/** Throws KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
export function knownStaticMember(group: ConsumerGroup, memberId: string, instanceId: string): ConsumerMember {
  const member = group.staticMember(instanceId);
  if (member === undefined) throw new KafkaError(Errors.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  if (member.memberId === memberId) return member;
  throw new KafkaError(
    Errors.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
  );
}

/** KIP-345: the instance is back under a new member id, with what it had, and the old id is gone. */
export function replacedMember(
  group: ConsumerGroup,
  held: ConsumerMember,
  memberId: string,
  records: GroupStateRecord[],
): ConsumerMember {
  const { groupId } = group;
  const member = { ...held, memberId, memberEpoch: JOIN_EPOCH, previousMemberEpoch: JOIN_EPOCH };
  records.push(...memberTombstones(groupId, held.memberId));
  records.push(memberRecord(groupId, member));
  records.push(targetRecord(groupId, memberId, group.target(held.memberId)));
  records.push(currentAssignmentRecord(groupId, member));
  return member;
}

function checkEpoch(member: ConsumerMember, { memberEpoch: asked, owned }: Asking): void {
  const { memberEpoch: known, previousMemberEpoch, assigned } = member;
  if (asked === JOIN_EPOCH || asked === known) return;
  // The answer with the new epoch may have been lost: who has nothing but what it was given goes on.
  if (asked < known && asked === previousMemberEpoch && owned !== null && hasAllOf(assigned, owned)) return;
  throw new KafkaError(
    Errors.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${asked > known ? 'greater' : 'smaller'} member epoch (${asked}) than the one known by ` +
      `the group coordinator (${known}). The member must abandon all its partitions and rejoin.`,
  );
}

/** ConsumerGroupHeartbeat with the epoch -1 or -2. Throws KafkaError, with nothing changed. */
export function leave(
  world: ConsumerWorld,
  { groupId, memberId, instanceId, memberEpoch }: ConsumerGroupHeartbeatRequest,
  effects: GroupEffects,
): ConsumerGroupHeartbeatResponse {
  const group = world.groups.consumer(groupId);
  if (group === undefined) {
    const message = world.groups.get(groupId) === undefined ? 'not found.' : 'is not a consumer group.';
    throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, `Group ${groupId} ${message}`);
  }
  const member = instanceId === null ? knownMember(group, memberId) : knownStaticMember(group, memberId, instanceId);
  if (instanceId !== null && memberEpoch === LEAVE_STATIC_EPOCH) {
    // It will be back within its session: what it has stays its own.
    const away = { ...member, memberEpoch: LEAVE_STATIC_EPOCH, pendingRevocation: NO_EPOCHS };
    effects.append(currentAssignmentRecord(groupId, away));
  } else removeMembers(world, group, [member], effects);
  return { errorCode: Errors.NONE, memberId, memberEpoch, heartbeatIntervalMs: 0, assignment: null };
}

/** Members have left or were lost. With the last that does not speak the classic protocol the group becomes a classic one. */
export function removeMembers(
  world: ConsumerWorld,
  group: ConsumerGroup,
  gone: readonly ConsumerMember[],
  effects: GroupEffects,
): void {
  const { groupId } = group;
  if (gone.length === 0) return;
  for (const { memberId } of gone) cancelMemberTimers(groupId, memberId, effects);
  if (isDowngradedWithout(world, group, gone)) return downgraded(world, group, { gone }, effects);
  for (const { memberId } of gone) for (const record of memberTombstones(groupId, memberId)) effects.append(record);
  const topics = group.subscribedTopics();
  for (const { subscribedTopicNames } of gone) topics.countByName(subscribedTopicNames, -1);
  for (const regex of regexesOnlyOf(group, gone)) {
    effects.append(regexTombstone(groupId, regex));
    topics.countByRegex(group.resolvedRegexes.get(regex)?.topics ?? [], -1);
  }
  effects.append(epochRecord(groupId, group.epoch + 1, world.hashes.groupHash(topics.names, world.image)));
}

/** Regular expressions that nobody else has. */
function regexesOnlyOf(group: ConsumerGroup, gone: readonly ConsumerMember[]): string[] {
  const counts = new Map<string, number>();
  for (const { subscribedTopicRegex: regex } of gone) {
    if (regex !== '') counts.set(regex, (counts.get(regex) ?? 0) + 1);
  }
  return [...counts].flatMap(([regex, count]) => (group.regexes.get(regex) === count ? [regex] : []));
}
