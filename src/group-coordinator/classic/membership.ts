// How members of a classic group show that they live, leave, or are lost.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest } from '../../protocol/messages/13-leave-group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicMember } from './classic-member.ts';
import { type ClassicSettings, membersRemoved, prepare, removeMember, removePending } from './rebalance.ts';
import { keepSession } from '../sessions.ts';

export type Leaving = Pick<LeaveGroupRequest['members'][number], 'memberId' | 'groupInstanceId'>;
export interface Left extends Leaving {
  readonly errorCode: ErrorCode;
}

/** `group` undefined: there is no such classic group. */
export function heartbeat(
  group: ClassicGroup | undefined,
  { memberId, groupInstanceId, generationId }: HeartbeatRequest,
  effects: GroupEffects,
): ErrorCode {
  if (group === undefined) return Errors.UNKNOWN_MEMBER_ID;
  const errorCode = group.validateMember(memberId, groupInstanceId);
  if (errorCode !== Errors.NONE) return errorCode;
  if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION;
  keepSession(group.groupId, group.member(memberId) as ClassicMember, effects);
  // Only while members are to join again: one that has, and waits for its assignment, must not be sent back.
  return group.isIn('PreparingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
}

/** `group` undefined: there is no such classic group. */
export function leaveGroup(
  group: ClassicGroup | undefined,
  leaving: readonly Leaving[],
  settings: ClassicSettings,
  effects: GroupEffects,
): Left[] {
  const left = leaving.map((one) => ({
    memberId: one.memberId,
    groupInstanceId: one.groupInstanceId,
    errorCode: group === undefined ? Errors.UNKNOWN_MEMBER_ID : leave(group, one, effects),
  }));
  if (group !== undefined && left.some(({ errorCode }) => errorCode === Errors.NONE)) {
    membersRemoved(group, settings, effects);
  }
  return left;
}

function leave(group: ClassicGroup, { memberId, groupInstanceId }: Leaving, effects: GroupEffects): ErrorCode {
  // Admin clients take out static members without knowing their present ids.
  const id = memberId === '' && groupInstanceId !== null ? (group.staticMemberId(groupInstanceId) ?? '') : memberId;
  // Whatever instance it says that it is: it is none yet.
  if (group.isPending(id)) {
    removePending(group, id, effects);
    return Errors.NONE;
  }
  const errorCode = group.validateMember(id, groupInstanceId);
  const member = group.member(id);
  if (errorCode === Errors.NONE && member !== undefined) removeMember(group, member, effects);
  return errorCode;
}

/** A member, joined or pending, has not been heard of for as long as its session lasts. */
export function sessionOver(
  group: ClassicGroup,
  memberId: string,
  settings: ClassicSettings,
  effects: GroupEffects,
): void {
  const member = group.member(memberId);
  if (group.isPending(memberId)) removePending(group, memberId, effects);
  else if (member === undefined || member.hasSatisfiedHeartbeat) return;
  else removeMember(group, member, effects);
  membersRemoved(group, settings, effects);
}

/** Members of a group that was loaded begin a session; the group may have become too large meanwhile. */
export function groupLoaded(group: ClassicGroup, settings: ClassicSettings, effects: GroupEffects): void {
  for (const member of group.members) keepSession(group.groupId, member, effects);
  if (group.size > settings.maxSize) prepare(group, settings, effects);
}
