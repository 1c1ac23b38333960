// Members of the classic protocol in a consumer group (KIP-848: online migration; Kafka: GroupMetadataManager,
// classicGroupJoinToConsumerGroup to classicGroupLeaveToConsumerGroup): each join is a heartbeat that tells all, each sync fetches
// what the coordinator has assigned. Nobody leads, and nobody waits for the others.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import type { JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import { type Join, MEMBER_ID_REQUIRED_SINCE, rebalanceTimeoutOf } from '../classic/join.ts';
import { joinFailure, syncFailure } from '../classic/member-answers.ts';
import type { Leaving, Left } from '../classic/membership.ts';
import type { Sync } from '../classic/sync.ts';
import { type GroupEffects, memberJoinKey, memberSyncKey } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { MemberStates, type TopicPartitions } from '../modern/index.ts';
import { keepSession } from '../sessions.ts';
import { CONSUMER_TYPE, type ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, hasSameAssignment, newMember, updatedMember } from './consumer-member.ts';
import { currentAssignmentRecord } from './consumer-records.ts';
import { decodedSubscription, encodedAssignment, rowsByTopicId } from './consumer-protocol.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { checkSize, knownMember, knownStaticMember, removeMembers, replacedMember } from './membership.ts';
import { downgraded, isDowngradedInPlaceOf } from './migration.ts';
import { withoutEpochs } from './partition-epochs.ts';
import { brought, reconcile, type Telling, toldOf } from './rebalance.ts';
import { requestResolution } from './regular-expressions.ts';

/** JoinGroup. Throws KafkaError, with nothing changed. */
export function joinConsumerGroup(world: ConsumerWorld, group: ConsumerGroup, join: Join, effects: GroupEffects): void {
  const { request, apiVersion, held } = join;
  const isUnknown = request.memberId === '';
  const memberId = isUnknown ? uuidOf(join.uniqueId) : request.memberId;
  checkJoin(world, group, memberId, join);
  if (isUnknown && request.groupInstanceId === null && apiVersion >= MEMBER_ID_REQUIRED_SINCE) {
    return effects.reply(held, joinFailure(memberId, Errors.MEMBER_ID_REQUIRED));
  }
  const records: GroupStateRecord[] = [];
  const telling = tellingOf(world, group, memberId, join, effects.nowMs, records);
  const replaced = group.staticMember(request.groupInstanceId);
  if (replaced !== undefined && isDowngradedInPlaceOf(world, group, replaced)) {
    const member = joinDowngrading(world, group, telling, records, effects);
    return effects.reply(held, joinAnswer(member));
  }
  const { member, needsResolution } = brought(world, group, telling, records);
  for (const record of records) effects.append(record);
  if (needsResolution) requestResolution(group.groupId, effects);
  joined(group, member, join, effects);
  effects.reply(held, joinAnswer(member));
}

function checkJoin(world: ConsumerWorld, group: ConsumerGroup, memberId: string, { request }: Join): void {
  const { groupId, protocolType, protocols } = request;
  if (world.settings.isMigrationDisabled) {
    const message = `Cannot join the consumer group ${groupId} with the classic protocol because the group migration is disabled.`;
    throw new KafkaError(Errors.INCONSISTENT_GROUP_PROTOCOL, message);
  }
  checkSize(group, memberId, world.settings.maxSize);
  if (!group.supportsClassic(protocolType, protocols)) throw new KafkaError(Errors.INCONSISTENT_GROUP_PROTOCOL);
}

/** Who joins, and what it says of itself. */
function tellingOf(
  world: ConsumerWorld,
  group: ConsumerGroup,
  memberId: string,
  join: Join,
  nowMs: number,
  records: GroupStateRecord[],
): Telling {
  const { request, clientId, clientHost } = join;
  const { groupInstanceId: instanceId, sessionTimeoutMs, protocols } = request;
  const member = joiningMember(group, memberId, request, records);
  const subscription = decodedSubscription(protocols[0]?.metadata ?? new Uint8Array(0));
  if (subscription === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  const { topics, rackId } = subscription;
  const told = updatedMember(member, {
    instanceId,
    rackId: rackId === '' ? null : rackId,
    rebalanceTimeoutMs: rebalanceTimeoutOf(join),
    serverAssignor: null,
    subscribedTopicNames: topics,
    subscribedTopicRegex: '',
    clientId,
    clientHost,
    classic: { sessionTimeoutMs, supportedProtocols: protocols.map(({ name, metadata }) => ({ name, metadata })) },
  });
  return { member, told, owned: rowsByTopicId(subscription.ownedPartitions, world.image), nowMs };
}

function joiningMember(
  group: ConsumerGroup,
  memberId: string,
  { memberId: asked, groupInstanceId }: Join['request'],
  records: GroupStateRecord[],
): ConsumerMember {
  if (groupInstanceId === null) return group.member(memberId) ?? newMember(memberId);
  if (asked !== '') return knownStaticMember(group, memberId, groupInstanceId);
  const held = group.staticMember(groupInstanceId);
  return held === undefined ? newMember(memberId) : replacedMember(group, held, memberId, records);
}

/** The last member with the consumer protocol is replaced: the member joins what is a classic group from now on. */
function joinDowngrading(
  world: ConsumerWorld,
  group: ConsumerGroup,
  telling: Telling,
  records: GroupStateRecord[],
  effects: GroupEffects,
): ConsumerMember {
  const { epoch, hasSubscriptionChanged } = toldOf(world, group, telling, records);
  // A rebalance sees to what is not up to date.
  const isStale = epoch.epoch > group.assignmentEpoch;
  const target = group.targetOf(telling.told);
  const goal = { assignmentEpoch: group.assignmentEpoch, target, hasSubscriptionChanged };
  const member = isStale ? telling.told : reconcile(world, group, telling, goal);
  if (!hasSameAssignment(member, telling.told)) records.push(currentAssignmentRecord(group.groupId, member));
  downgraded(world, group, { gone: [], joining: { member, before: records }, isSettled: !isStale }, effects);
  return member;
}

function joined(group: ConsumerGroup, { memberId }: ConsumerMember, join: Join, effects: GroupEffects): void {
  const { groupId } = group;
  const { sessionTimeoutMs } = join.request;
  joinDone(group, memberId, effects);
  keepSession(groupId, { memberId, sessionTimeoutMs }, effects);
  const syncMs = Math.max(0, rebalanceTimeoutOf(join));
  effects.schedule(memberSyncKey(groupId, memberId), syncMs, { kind: 'member-sync', groupId, memberId });
}

function joinAnswer({ memberId, memberEpoch, classic }: ConsumerMember): JoinGroupResponse {
  return {
    errorCode: Errors.NONE,
    generationId: memberEpoch,
    protocolType: CONSUMER_TYPE,
    protocolName: protocolOf(classic),
    leader: '',
    memberId,
    members: [],
  };
}

/** SyncGroup. Throws KafkaError, with nothing changed. */
export function syncConsumerGroup(world: ConsumerWorld, group: ConsumerGroup, sync: Sync, effects: GroupEffects): void {
  const { request, held } = sync;
  const { protocolType, protocolName } = request;
  const { member, classic } = classicMember(group, request);
  const { memberId, memberEpoch } = member;
  if (request.generationId !== memberEpoch) throw new KafkaError(Errors.ILLEGAL_GENERATION);
  const isOther = protocolType !== null && protocolType !== CONSUMER_TYPE;
  if (isOther || (protocolName !== null && protocolName !== protocolOf(classic))) {
    throw new KafkaError(Errors.INCONSISTENT_GROUP_PROTOCOL);
  }
  if (group.assignmentEpoch > memberEpoch && member.state !== MemberStates.UNREVOKED_PARTITIONS) {
    awaitJoin(group, member, effects);
    return effects.reply(held, syncFailure(Errors.REBALANCE_IN_PROGRESS));
  }
  effects.cancel(memberSyncKey(group.groupId, memberId));
  keepSession(group.groupId, { memberId, sessionTimeoutMs: classic.sessionTimeoutMs }, effects);
  const assigned: TopicPartitions = withoutEpochs(member.assigned);
  const assignment = encodedAssignment(
    assigned,
    classic.supportedProtocols[0]?.metadata ?? new Uint8Array(2),
    world.image,
  );
  effects.reply(held, { errorCode: Errors.NONE, protocolType, protocolName, assignment });
}

/** Heartbeat: whether the member is to join again. Throws KafkaError, with nothing changed. */
export function beatConsumerGroup(group: ConsumerGroup, request: HeartbeatRequest, effects: GroupEffects): ErrorCode {
  const { member, classic } = classicMember(group, request);
  const { memberId, memberEpoch, state } = member;
  if (request.generationId !== memberEpoch) throw new KafkaError(Errors.ILLEGAL_GENERATION);
  keepSession(group.groupId, { memberId, sessionTimeoutMs: classic.sessionTimeoutMs }, effects);
  const isToJoin =
    memberEpoch < group.epoch ||
    state === MemberStates.UNREVOKED_PARTITIONS ||
    (state === MemberStates.UNRELEASED_PARTITIONS && !group.isWaitingForPartitions(member));
  if (!isToJoin) return Errors.NONE;
  awaitJoin(group, member, effects);
  return Errors.REBALANCE_IN_PROGRESS;
}

/** LeaveGroup. */
export function leaveConsumerGroup(
  world: ConsumerWorld,
  group: ConsumerGroup,
  leaving: readonly Leaving[],
  effects: GroupEffects,
): Left[] {
  const gone = new Set<ConsumerMember>();
  const left = leaving.map(({ memberId, groupInstanceId }) => {
    try {
      gone.add(leavingMember(group, memberId, groupInstanceId));
      return { memberId, groupInstanceId, errorCode: Errors.NONE };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { memberId, groupInstanceId, errorCode: error.code };
    }
  });
  removeMembers(world, group, [...gone], effects);
  return left;
}

/** Admin clients take out static members without knowing their present ids. */
function leavingMember(group: ConsumerGroup, memberId: string, instanceId: string | null): ConsumerMember {
  if (instanceId === null) return knownMember(group, memberId);
  const presentId = group.staticMember(instanceId)?.memberId ?? '';
  return knownStaticMember(group, memberId === '' ? presentId : memberId, instanceId);
}

/** Throws KafkaError UNKNOWN_MEMBER_ID for a member that does not speak the classic protocol, too. */
function classicMember(
  group: ConsumerGroup,
  { memberId, groupInstanceId }: { readonly memberId: string; readonly groupInstanceId: string | null },
): { readonly member: ConsumerMember; readonly classic: NonNullable<ConsumerMember['classic']> } {
  const member =
    groupInstanceId === null ? knownMember(group, memberId) : knownStaticMember(group, memberId, groupInstanceId);
  if (member.classic !== null) return { member, classic: member.classic };
  throw new KafkaError(Errors.UNKNOWN_MEMBER_ID, `Member ${memberId} does not use the classic protocol.`);
}

/** The member has been told to join again: from the first time on it has its rebalance time-out for that. */
function awaitJoin(
  group: ConsumerGroup,
  { memberId, rebalanceTimeoutMs }: ConsumerMember,
  effects: GroupEffects,
): void {
  const { groupId } = group;
  if (group.joinsAwaited.has(memberId)) return;
  group.joinsAwaited.add(memberId);
  const event = { kind: 'member-join', groupId, memberId } as const;
  effects.schedule(memberJoinKey(groupId, memberId), Math.max(0, rebalanceTimeoutMs), event);
}

function joinDone(group: ConsumerGroup, memberId: string, effects: GroupEffects): void {
  group.joinsAwaited.delete(memberId);
  effects.cancel(memberJoinKey(group.groupId, memberId));
}

/** The protocol that members are told of: the first of those that they support. */
const protocolOf = (classic: ConsumerMember['classic']): string => classic?.supportedProtocols[0]?.name ?? '';

/** Ids of members of consumer groups look like Kafka's own uuids. */
const uuidOf = (text: string): string => Buffer.from(text.replaceAll('-', ''), 'hex').toString('base64url');
