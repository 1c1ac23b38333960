// JoinGroup on a classic group (Kafka: GroupMetadataManager.classicGroupJoin…). Every request is answered at once, or held by
// its member until the join phase of the rebalance ends.
import { Errors } from '../../protocol/index.ts';
import type { Held } from '../../coordinator-common/index.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicGroups } from './classic-groups.ts';
import { ClassicMember } from './classic-member.ts';
import { groupMetadataRecord } from './group-metadata.ts';
import { answerJoin, answerSync, joinAnswer, joinFailure } from './member-answers.ts';
import { type ClassicSettings, completeIfAllJoined, prepare, rebalance } from './rebalance.ts';
import { cancelSession, keepSession } from '../sessions.ts';

/** A request to join, with what the network knows of it and what it is judged by. */
export interface Join {
  readonly request: JoinGroupRequest;
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Random: makes a member id unique. */
  readonly uniqueId: string;
  readonly held: Held<JoinGroupResponse>;
  readonly settings: ClassicSettings;
}

/** A member that does not know its id cannot send heartbeats: its join is given up after this time, and it will retry. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000;

export const MEMBER_ID_REQUIRED_SINCE = 4;
const SKIP_ASSIGNMENT_SINCE = 9;
const REBALANCE_TIMEOUT_SINCE = 1;

export function joinGroup(groups: ClassicGroups, join: Join, effects: GroupEffects): void {
  const { groupId, memberId } = join.request;
  const known = groups.classic(groupId);
  if (known !== undefined) return joinKnown(known, join, effects);
  const other = groups.get(groupId);
  if (other !== undefined && other.givesWay !== true) {
    return refuse(join, '', Errors.INCONSISTENT_GROUP_PROTOCOL, effects);
  }
  if (memberId !== '') return refuse(join, memberId, Errors.UNKNOWN_MEMBER_ID, effects);
  other?.cancelTimers(effects);
  other?.appendTombstones(effects);
  const group = groups.create(groupId);
  group.stateTimestampMs = effects.nowMs;
  // The record makes the group exist from now on, after a reload too, even if this member is refused.
  effects.appendWithoutReplay(groupMetadataRecord(group, new Map()));
  joinKnown(group, join, effects);
}

function joinKnown(group: ClassicGroup, join: Join, effects: GroupEffects): void {
  const { memberId } = join.request;
  if (!accepts(group, memberId, join.settings.maxSize)) {
    group.remove(memberId);
    refuse(join, '', Errors.GROUP_MAX_SIZE_REACHED, effects);
  } else if (memberId === '') joinNew(group, join, effects);
  else joinAgain(group, join, effects);
}

/**
 * Whether there is room for the member. During a rebalance only members that have come back take up room: when
 * group.max.size was lowered, those that come last do not get in.
 */
function accepts(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  if (group.isIn('Empty')) return true;
  if (!group.isIn('PreparingRebalance')) return group.member(memberId) !== undefined || group.size < maxSize;
  return group.member(memberId)?.awaitingJoin !== undefined || group.joinsAwaited < maxSize;
}

function joinNew(group: ClassicGroup, join: Join, effects: GroupEffects): void {
  const { groupInstanceId, protocolType, protocols, sessionTimeoutMs } = join.request;
  if (!group.supportsProtocols(protocolType, protocols)) {
    return refuse(join, '', Errors.INCONSISTENT_GROUP_PROTOCOL, effects);
  }
  const memberId = `${groupInstanceId ?? join.clientId}-${join.uniqueId}`;
  if (groupInstanceId !== null) {
    const old = group.member(group.staticMemberId(groupInstanceId) ?? '');
    if (old === undefined) addMember(group, memberId, join, effects);
    else replaceStatic(group, old, memberId, join, effects);
  } else if (join.apiVersion >= MEMBER_ID_REQUIRED_SINCE) {
    // KIP-394: a member counts only once it has shown that it got its id; until then it has a session.
    group.addPending(memberId);
    keepSession(group.groupId, { memberId, sessionTimeoutMs }, effects);
    refuse(join, memberId, Errors.MEMBER_ID_REQUIRED, effects);
  } else addMember(group, memberId, join, effects);
}

function joinAgain(group: ClassicGroup, join: Join, effects: GroupEffects): void {
  const { memberId, groupInstanceId, protocolType, protocols } = join.request;
  if (!group.supportsProtocols(protocolType, protocols)) {
    return refuse(join, memberId, Errors.INCONSISTENT_GROUP_PROTOCOL, effects);
  }
  if (group.isPending(memberId)) {
    // To Kafka a fault of its own: static members do not have to ask for an id first.
    if (groupInstanceId !== null) return refuse(join, '', Errors.UNKNOWN_SERVER_ERROR, effects);
    return addMember(group, memberId, join, effects);
  }
  const errorCode = group.validateMember(memberId, groupInstanceId);
  if (errorCode !== Errors.NONE) return refuse(join, memberId, errorCode, effects);
  const member = group.member(memberId) as ClassicMember;
  // Unchanged, it missed the answer or looks whether there is news. The leader joins again to have a new assignment, for
  // reasons that only it knows (new partitions).
  const isUnchanged = member.matches(protocols);
  const needsNothing = group.isIn('CompletingRebalance')
    ? isUnchanged
    : group.isIn('Stable') && isUnchanged && !group.isLeader(memberId);
  if (needsNothing) effects.reply(join.held, joinAnswer(group, memberId));
  else updateMember(group, member, join, effects);
}

function addMember(group: ClassicGroup, memberId: string, join: Join, effects: GroupEffects): void {
  const { groupInstanceId, protocolType, protocols, sessionTimeoutMs } = join.request;
  const { clientId, clientHost } = join;
  const rebalanceTimeoutMs = rebalanceTimeoutOf(join);
  const facts = { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols };
  const member = new ClassicMember(facts);
  member.isNew = true;
  member.awaitingJoin = join.held;
  if (group.isIn('PreparingRebalance') && group.previousState === 'Empty') group.hasNewMember = true;
  group.add(member, protocolType);
  keepSession(group.groupId, member, effects, NEW_MEMBER_JOIN_TIMEOUT_MS);
  rebalance(group, join.settings, effects);
}

function updateMember(group: ClassicGroup, member: ClassicMember, join: Join, effects: GroupEffects): void {
  takeOver(group, member, join, effects);
  rebalance(group, join.settings, effects);
}

/** The member is from now on what the request says, and waits with the request. */
function takeOver(group: ClassicGroup, member: ClassicMember, join: Join, effects: GroupEffects): void {
  const { request, held } = join;
  group.updateProtocols(member, request.protocols);
  member.rebalanceTimeoutMs = rebalanceTimeoutOf(join);
  member.sessionTimeoutMs = request.sessionTimeoutMs;
  // It asks a second time: nobody listens for the first answer any more.
  answerJoin(member, joinFailure(member.memberId, Errors.REBALANCE_IN_PROGRESS), effects);
  member.awaitingJoin = held;
}

/** KIP-345: the instance is back under a new member id, and the old one is fenced. */
function replaceStatic(
  group: ClassicGroup,
  old: ClassicMember,
  memberId: string,
  join: Join,
  effects: GroupEffects,
): void {
  const oldLeader = group.leaderId;
  answerJoin(old, joinFailure(old.memberId, Errors.FENCED_INSTANCE_ID), effects);
  answerSync(group, old, Errors.FENCED_INSTANCE_ID, effects);
  cancelSession(group.groupId, old.memberId, effects);
  const wasPendingSync = group.pendingSyncs.has(old.memberId);
  const member = group.replaceStatic(old, memberId);
  if (wasPendingSync) group.awaitSync(memberId);
  takeOver(group, member, join, effects);
  keepSession(group.groupId, member, effects);
  if (group.isIn('Stable') && group.protocolName === group.selectProtocol()) {
    return keepGeneration(group, { member, oldLeader }, join, effects);
  }
  // The old id may be with the leader already, for an assignment that would miss the new one.
  if (group.isIn('PreparingRebalance')) completeIfAllJoined(group, effects);
  else prepare(group, join.settings, effects);
}

/** Nothing changes for the others: the member gets its old place, in the same generation. */
function keepGeneration(
  group: ClassicGroup,
  { member, oldLeader }: { readonly member: ClassicMember; readonly oldLeader: string | null },
  join: Join,
  effects: GroupEffects,
): void {
  const assignments = new Map([...group.members].map((one) => [one.memberId, one.assignment]));
  const record = groupMetadataRecord(group, assignments);
  if (record.valueBytes.length > join.settings.maxRecordBytes()) {
    return answerJoin(member, joinFailure('', Errors.UNKNOWN_SERVER_ERROR), effects);
  }
  effects.appendWithoutReplay(record);
  const answer = joinAnswer(group, member.memberId);
  // KIP-814: a leader that returns need not assign. Older clients are not told that they lead, so that they do not try.
  if (join.apiVersion >= SKIP_ASSIGNMENT_SINCE) {
    const skipAssignment = group.isLeader(member.memberId);
    return answerJoin(member, { ...answer, skipAssignment }, effects);
  }
  answerJoin(member, { ...answer, leader: oldLeader ?? '', members: [] }, effects);
}

function refuse(join: Join, memberId: string, errorCode: number, effects: GroupEffects): void {
  effects.reply(join.held, joinFailure(memberId, errorCode as JoinGroupResponse['errorCode']));
}

/** Version 0 has one time-out for both. */
export function rebalanceTimeoutOf({ request, apiVersion }: Join): number {
  return apiVersion >= REBALANCE_TIMEOUT_SINCE ? request.rebalanceTimeoutMs : request.sessionTimeoutMs;
}
