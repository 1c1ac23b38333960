// How a classic group gets from one generation to the next: who waits for whom, and for how long (Kafka:
// GroupMetadataManager, prepareRebalance to schedulePendingSync).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import { type GroupEffects, type GroupTimer, joinKey, syncKey } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, NO_BYTES } from './classic-member.ts';
import { groupMetadataRecord } from './group-metadata.ts';
import { answerJoin, answerSync, joinAnswer, joinFailure } from './member-answers.ts';
import { cancelSession, keepSession } from '../sessions.ts';

/** What classic groups are told by the configs as they are now. */
export interface ClassicSettings {
  readonly initialRebalanceDelayMs: number;
  readonly maxSize: number;
  /** A larger record cannot be written. */
  maxRecordBytes(): number;
}

type InitialDelay = Extract<GroupTimer, { readonly kind: 'initial-delay' }>;

const NO_ASSIGNMENTS: ReadonlyMap<string, Uint8Array> = new Map();

/** Something has changed: the members must come together again, or may be complete now. */
export function rebalance(group: ClassicGroup, settings: ClassicSettings, effects: GroupEffects): void {
  if (group.isIn('PreparingRebalance')) completeIfAllJoined(group, effects);
  else prepare(group, settings, effects);
}

/** The members must come together again. */
export function prepare(group: ClassicGroup, settings: ClassicSettings, effects: GroupEffects): void {
  // Who waits for an assignment must join again.
  if (group.isIn('CompletingRebalance')) resetAssignments(group, Errors.REBALANCE_IN_PROGRESS, effects);
  effects.cancel(syncKey(group.groupId));
  const isInitial = group.isIn('Empty');
  group.transitionTo('PreparingRebalance', effects.nowMs);
  if (!isInitial) return completeOrWait(group, effects);
  // More members are probably on their way: waiting a little spares them a rebalance each.
  const delayMs = settings.initialRebalanceDelayMs;
  const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0);
  waitForMore(group, delayMs, remainingMs, effects);
}

function waitForMore({ groupId }: ClassicGroup, delayMs: number, remainingMs: number, effects: GroupEffects): void {
  assert(delayMs >= 0 && remainingMs >= 0, 'a wait is not over before it has begun');
  effects.schedule(joinKey(groupId), delayMs, { kind: 'initial-delay', groupId, delayMs, remainingMs });
}

/** Nobody more has come while the first rebalance waited: it goes on; else it waits again, as long as it may. */
export function initialDelayOver(
  group: ClassicGroup,
  { delayMs, remainingMs }: InitialDelay,
  settings: ClassicSettings,
  effects: GroupEffects,
): void {
  if (!group.isIn('PreparingRebalance')) return;
  if (!group.hasNewMember || remainingMs === 0) return completeJoin(group, effects);
  group.hasNewMember = false;
  const nextDelayMs = Math.min(settings.initialRebalanceDelayMs, remainingMs);
  waitForMore(group, nextDelayMs, Math.max(remainingMs - delayMs, 0), effects);
}

function completeOrWait(group: ClassicGroup, effects: GroupEffects): void {
  if (group.hasAllMembersJoined) completeJoin(group, effects);
  else waitForJoins(group, effects);
}

function waitForJoins(group: ClassicGroup, effects: GroupEffects): void {
  const { groupId } = group;
  effects.schedule(joinKey(groupId), group.rebalanceTimeoutMs, { kind: 'join', groupId });
}

/** The first rebalance of a group is only completed by its timer. */
export function completeIfAllJoined(group: ClassicGroup, effects: GroupEffects): void {
  if (!group.isIn('PreparingRebalance') || group.previousState === 'Empty') return;
  if (group.hasAllMembersJoined) completeJoin(group, effects);
}

/** Ends the join phase with the members that have come. Static members may be away for as long as their session lasts. */
export function completeJoin(group: ClassicGroup, effects: GroupEffects): void {
  if (!group.isIn('PreparingRebalance')) return;
  effects.cancel(joinKey(group.groupId));
  for (const member of group.members) {
    if (member.awaitingJoin === undefined && member.groupInstanceId === null) removeMember(group, member, effects);
  }
  if (!group.electLeader() && group.size > 0) {
    // Only static members, and none is there: their sessions decide.
    return waitForJoins(group, effects);
  }
  group.beginGeneration(effects.nowMs);
  if (group.size === 0) effects.appendWithoutReplay(groupMetadataRecord(group, NO_ASSIGNMENTS));
  else answerJoins(group, effects);
}

function answerJoins(group: ClassicGroup, effects: GroupEffects): void {
  for (const member of group.members) {
    assert(member.awaitingSync === undefined, 'nobody waits for the assignment of a generation that is over');
    answerJoin(member, joinAnswer(group, member.memberId), effects);
    keepSession(group.groupId, member, effects);
    member.isNew = false;
    group.awaitSync(member.memberId);
  }
  const { groupId, generationId } = group;
  effects.schedule(syncKey(groupId), group.rebalanceTimeoutMs, { kind: 'sync', groupId, generationId });
}

/** What the leader has assigned counts no more; members that wait for it are told `errorCode`. */
export function resetAssignments(group: ClassicGroup, errorCode: ErrorCode, effects: GroupEffects): void {
  assert(group.isIn('CompletingRebalance'), 'an assignment is given up while the group waits for it');
  for (const member of group.members) member.assignment = NO_BYTES;
  answerSyncs(group, errorCode, effects);
}

/** Members that wait for their assignment get it. */
export function propagateAssignments(group: ClassicGroup, effects: GroupEffects): void {
  assert(group.isIn('Stable'), 'an assignment is handed out once it stands');
  answerSyncs(group, Errors.NONE, effects);
}

function answerSyncs(group: ClassicGroup, errorCode: ErrorCode, effects: GroupEffects): void {
  for (const member of group.members) {
    // Its session may have ended unnoticed while it waited for us: it begins anew.
    if (answerSync(group, member, errorCode, effects)) keepSession(group.groupId, member, effects);
  }
}

/** Members that were told of the generation and never fetched their assignment are gone. */
export function syncOverdue(
  group: ClassicGroup,
  generationId: number,
  settings: ClassicSettings,
  effects: GroupEffects,
): void {
  if (group.generationId !== generationId || !group.isIn('CompletingRebalance', 'Stable')) return;
  if (group.pendingSyncs.size === 0) return;
  for (const memberId of group.pendingSyncs) {
    const member = group.member(memberId);
    assert(member !== undefined, 'whose sync is awaited is a member');
    removeMember(group, member, effects);
  }
  prepare(group, settings, effects);
}

/** The member has fetched, or is waiting for, its assignment. */
export function noteSync(group: ClassicGroup, memberId: string, effects: GroupEffects): void {
  group.hasSynced(memberId);
  if (group.pendingSyncs.size === 0) effects.cancel(syncKey(group.groupId));
}

/** A member has left or was lost; the caller sees to the others. */
export function removeMember(group: ClassicGroup, member: ClassicMember, effects: GroupEffects): void {
  answerJoin(member, joinFailure('', Errors.UNKNOWN_MEMBER_ID), effects);
  answerSync(group, member, Errors.UNKNOWN_MEMBER_ID, effects);
  cancelSession(group.groupId, member.memberId, effects);
  group.remove(member.memberId);
}

/** A pending member has left or was lost. */
export function removePending(group: ClassicGroup, memberId: string, effects: GroupEffects): void {
  cancelSession(group.groupId, memberId, effects);
  group.remove(memberId);
}

/** After members have gone: the rest comes together again, or is complete now. */
export function membersRemoved(group: ClassicGroup, settings: ClassicSettings, effects: GroupEffects): void {
  if (group.isIn('Stable', 'CompletingRebalance')) prepare(group, settings, effects);
  else completeIfAllJoined(group, effects);
}
