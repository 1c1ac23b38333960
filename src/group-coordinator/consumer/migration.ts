// Online migration (KIP-848): a classic group whose members are consumers becomes a consumer group when a member with the consumer
// protocol joins, and a consumer group a classic one when only members of the classic protocol are left (Kafka:
// GroupMetadataManager, convertToConsumerGroup and convertToClassicGroup). Members, assignments and offsets stay.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { ClassicGroup } from '../classic/classic-group.ts';
import { ClassicMember } from '../classic/classic-member.ts';
import { groupMetadataRecord } from '../classic/group-metadata.ts';
import { answerJoin, answerSync, joinFailure } from '../classic/member-answers.ts';
import { prepare } from '../classic/rebalance.ts';
import { groupMetadata as classicRecord } from '../classic/record-types.ts';
import { type GroupEffects, joinKey, regexKey, syncKey } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { MemberStates, NO_PARTITIONS, type TopicPartitions } from '../modern/index.ts';
import { cancelSession, keepSession } from '../sessions.ts';
import { cancelMemberTimers, CONSUMER_TYPE, ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, newMember } from './consumer-member.ts';
import * as records from './consumer-records.ts';
import { assignedByTopicId, decodedAssignment, decodedSubscription, encodedAssignment } from './consumer-protocol.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { inEpoch } from './partition-epochs.ts';

/**
 * The consumer group that comes of `classic`, and `written` for it to be so. Throws KafkaError GROUP_ID_NOT_FOUND when it cannot
 * become one.
 */
export function upgraded(world: ConsumerWorld, classic: ClassicGroup, written: GroupStateRecord[]): ConsumerGroup {
  const { groupId } = classic;
  const group = new ConsumerGroup(groupId);
  // With nobody in it there is nothing to take over but the offsets, which are nobody's.
  const isEmpty = classic.isEmpty;
  const members = isEmpty ? [] : convertedMembers(world, classic);
  written.push(classicRecord.record({ group: groupId }, null));
  if (isEmpty) return group;
  const write = (record: GroupStateRecord): void => {
    written.push(record);
    group.replay(record);
  };
  const { generationId } = classic;
  for (const { member } of members) write(records.memberRecord(groupId, member));
  const hash = world.hashes.groupHash(group.subscribedTopics().names, world.image);
  write(records.epochRecord(groupId, generationId, hash));
  for (const { member, target } of members) write(records.targetRecord(groupId, member.memberId, target));
  write(records.assignmentEpochRecord(groupId, generationId, 0));
  for (const { member } of members) write(records.currentAssignmentRecord(groupId, member));
  return group;
}

/** The group was about to become a consumer group when it was found that it cannot: its members have been told by then. */
export class UpgradeFailed extends KafkaError {
  readonly classic: ClassicGroup;
  constructor(classic: ClassicGroup, code: ErrorCode, message?: string) {
    super(code, message);
    this.classic = classic;
  }
}

/** What waits in the group that has become a consumer group ends; its members have the sessions that they asked for. */
export function leaveClassic(classic: ClassicGroup, effects: GroupEffects): void {
  const { groupId } = classic;
  effects.cancel(joinKey(groupId));
  effects.cancel(syncKey(groupId));
  for (const memberId of classic.pendingMembers) cancelSession(groupId, memberId, effects);
  endWaits(classic, effects);
  for (const member of classic.members) keepSession(groupId, member, effects);
}

/** Whoever waits for the others is to join again. */
export function endWaits(classic: ClassicGroup, effects: GroupEffects): void {
  for (const member of classic.members) {
    answerJoin(member, joinFailure(member.memberId, Errors.REBALANCE_IN_PROGRESS), effects);
    answerSync(classic, member, Errors.REBALANCE_IN_PROGRESS, effects);
  }
}

const MALFORMED = 'the embedded consumer protocol is malformed';

interface Converted {
  readonly member: ConsumerMember;
  readonly target: TopicPartitions;
}

function convertedMembers(world: ConsumerWorld, classic: ClassicGroup): Converted[] {
  const messageOf = (why: string): string =>
    `Cannot upgrade classic group ${classic.groupId} to consumer group because ${why}.`;
  const refuse = (why: string): never => {
    throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, messageOf(why));
  };
  const fail = (why: string): never => {
    throw new UpgradeFailed(classic, Errors.GROUP_ID_NOT_FOUND, messageOf(why));
  };
  if (!world.settings.isUpgradeEnabled) refuse('online upgrade is disabled');
  if (!classic.isConsumerGroup) refuse('the group does not use the consumer embedded protocol');
  if (classic.size > world.settings.maxSize) refuse('the group size exceeds the consumer group maximum size');
  const protocol = classic.protocolName ?? classic.selectProtocol();
  return Array.from(classic.members, (member) => {
    const assignment = member.assignment.length === 0 ? null : decodedAssignment(member.assignment);
    if (assignment === undefined) return fail(MALFORMED);
    if (assignment !== null && assignment.userData !== null && assignment.userData.length > 0) {
      const advice =
        'Please refer to the documentation or switch to a default assignor before re-attempting the upgrade';
      return fail(`an unsupported custom assignor is in use. ${advice}`);
    }
    // Who has joined since the protocol was chosen may not have it: to Kafka a fault of its own.
    if (!member.protocols.some(({ name }) => name === protocol)) {
      throw new UpgradeFailed(classic, Errors.UNKNOWN_SERVER_ERROR);
    }
    const subscription = decodedSubscription(member.metadata(protocol));
    if (subscription === undefined) return fail(MALFORMED);
    const target = assignment === null ? NO_PARTITIONS : assignedByTopicId(assignment, world.image);
    return { member: converted(member, classic.generationId, subscription, target), target };
  });
}

function converted(
  member: ClassicMember,
  epoch: number,
  { topics, rackId }: NonNullable<ReturnType<typeof decodedSubscription>>,
  target: TopicPartitions,
): ConsumerMember {
  const { clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = member;
  return {
    ...newMember(member.memberId),
    memberEpoch: epoch,
    previousMemberEpoch: epoch,
    state: MemberStates.STABLE,
    instanceId: member.groupInstanceId,
    rackId: rackId === '' ? null : rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    subscribedTopicNames: new Set(topics),
    assigned: inEpoch(target, epoch),
    classic: {
      sessionTimeoutMs,
      supportedProtocols: Array.from(protocols, ({ name, metadata }) => ({ name, metadata })),
    },
  };
}

/** Whether the group becomes a classic one when `gone` are gone: then only classic members are left. */
export function isDowngradedWithout(
  world: ConsumerWorld,
  group: ConsumerGroup,
  gone: readonly ConsumerMember[],
): boolean {
  const left = group.size - gone.length;
  const classicLeft = group.classicMembers - gone.filter(({ classic }) => classic !== null).length;
  return left > 0 && left === classicLeft && isDowngradeAllowed(world, left);
}

/** Whether the group becomes a classic one when a classic member takes the place of the static member `held`. */
export function isDowngradedInPlaceOf(world: ConsumerWorld, group: ConsumerGroup, held: ConsumerMember): boolean {
  const areOthersClassic = held.classic === null && group.classicMembers === group.size - 1;
  return areOthersClassic && isDowngradeAllowed(world, group.size);
}

const isDowngradeAllowed = ({ settings, classicSettings }: ConsumerWorld, size: number): boolean =>
  settings.isDowngradeEnabled && size <= classicSettings.maxSize;

export interface Downgrade {
  readonly gone: readonly ConsumerMember[];
  /** A classic member that takes the place of a static one; `before`: what has been written of that. */
  readonly joining?: { readonly member: ConsumerMember; readonly before: readonly GroupStateRecord[] };
  /** The assignments stand, and the members need not come together. */
  readonly isSettled?: boolean;
}

/** The group is a classic one from now on. What it is written down as is not replayed: it stands already. */
export function downgraded(
  world: ConsumerWorld,
  group: ConsumerGroup,
  { gone, joining, isSettled = false }: Downgrade,
  effects: GroupEffects,
): void {
  const { groupId } = group;
  const held = group.staticMember(joining?.member.instanceId ?? null);
  const left = [...group.members].filter((member) => member !== held && !gone.includes(member));
  if (joining !== undefined) left.push(joining.member);
  const idsInLog = Array.from(group.memberIds, (id) => (id === held?.memberId ? (joining?.member.memberId ?? id) : id));
  const classic = classicGroupOf(group, left, held, world, effects.nowMs);
  for (const record of joining?.before ?? []) effects.appendWithoutReplay(record);
  for (const record of records.groupTombstones(groupId, idsInLog, group.resolvedRegexes.keys())) {
    effects.appendWithoutReplay(record);
  }
  const assignments = new Map(Array.from(classic.members, ({ memberId, assignment }) => [memberId, assignment]));
  effects.appendWithoutReplay(groupMetadataRecord(classic, assignments));
  world.groups.put(classic);
  effects.cancel(regexKey(groupId));
  for (const memberId of group.memberIds) cancelMemberTimers(groupId, memberId, effects);
  for (const member of classic.members) keepSession(groupId, member, effects);
  if (!isSettled) prepare(classic, world.classicSettings, effects);
}

function classicGroupOf(
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  held: ConsumerMember | undefined,
  world: ConsumerWorld,
  nowMs: number,
): ClassicGroup {
  const classic = new ClassicGroup(group.groupId, 'Stable');
  classic.generationId = group.epoch;
  classic.protocolType = CONSUMER_TYPE;
  classic.stateTimestampMs = nowMs;
  for (const member of members) {
    const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs } = member;
    const { sessionTimeoutMs = 0, supportedProtocols = [] } = member.classic ?? {};
    const facts = { memberId, groupInstanceId: instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs };
    classic.add(new ClassicMember({ ...facts, protocols: supportedProtocols }), CONSUMER_TYPE);
  }
  classic.protocolName = classic.selectProtocol();
  classic.updateSubscribedTopics();
  for (const member of classic.members) {
    const isReplacing = held !== undefined && member.groupInstanceId === held.instanceId;
    const target = group.target(isReplacing ? held.memberId : member.memberId);
    member.assignment = encodedAssignment(target, member.metadata(classic.protocolName), world.image);
  }
  return classic;
}
