// How members of a classic group show that they live, leave, or are lost; and what a commit needs of its group.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest } from '../../protocol/messages/13-leave-group.ts';
import { type GroupEffects, sessionKey } from '../group-effects.ts';
import type { Groups } from '../groups.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicMember } from './classic-member.ts';
import { keepSession, type Rebalances } from './rebalance.ts';

export type Leaving = Pick<LeaveGroupRequest['members'][number], 'memberId' | 'groupInstanceId'>;
export interface Left extends Leaving {
  readonly errorCode: ErrorCode;
}

export class Memberships {
  readonly #groups: Groups;
  readonly #rebalances: Rebalances;

  constructor(groups: Groups, rebalances: Rebalances) {
    this.#groups = groups;
    this.#rebalances = rebalances;
  }

  heartbeat({ groupId, memberId, groupInstanceId, generationId }: HeartbeatRequest, effects: GroupEffects): ErrorCode {
    const group = this.#groups.classic(groupId);
    if (group === undefined) return Errors.UNKNOWN_MEMBER_ID;
    const errorCode = group.validateMember(memberId, groupInstanceId);
    if (errorCode !== Errors.NONE) return errorCode;
    if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION;
    keepSession(group, group.member(memberId) as ClassicMember, effects);
    // Only while members are to join again: one that has, and waits for its assignment, must not be sent back.
    return group.isIn('PreparingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  leave(groupId: string, leaving: readonly Leaving[], effects: GroupEffects): Left[] {
    const group = this.#groups.classic(groupId);
    const left = leaving.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode:
        group === undefined ? Errors.UNKNOWN_MEMBER_ID : this.#leave(group, memberId, groupInstanceId, effects),
    }));
    if (group !== undefined && left.some(({ errorCode }) => errorCode === Errors.NONE)) {
      this.#rebalances.membersRemoved(group, effects);
    }
    return left;
  }

  #leave(group: ClassicGroup, memberId: string, groupInstanceId: string | null, effects: GroupEffects): ErrorCode {
    // Admin clients take out static members without knowing their present ids.
    const id = memberId === '' && groupInstanceId !== null ? (group.staticMemberId(groupInstanceId) ?? '') : memberId;
    if (group.isPending(id) && groupInstanceId === null) {
      this.#rebalances.removePending(group, id, effects);
      return Errors.NONE;
    }
    const errorCode = group.validateMember(id, groupInstanceId);
    const member = group.member(id);
    if (errorCode === Errors.NONE && member !== undefined) this.#rebalances.removeMember(group, member, effects);
    return errorCode;
  }

  sessionOver(groupId: string, memberId: string, effects: GroupEffects): void {
    const group = this.#groups.classic(groupId);
    if (group === undefined) return;
    const member = group.member(memberId);
    if (group.isPending(memberId)) this.#rebalances.removePending(group, memberId, effects);
    else if (member === undefined || member.hasSatisfiedHeartbeat) return;
    else this.#rebalances.removeMember(group, member, effects);
    this.#rebalances.membersRemoved(group, effects);
  }

  /** Members that were loaded begin a session; their group may have become too large meanwhile. */
  loaded(group: ClassicGroup, effects: GroupEffects): void {
    for (const member of group.members) keepSession(group, member, effects);
    if (group.size > this.#rebalances.settings.maxSize) this.#rebalances.prepare(group, effects);
  }

  /** Takes out what timers a group has that is about to be deleted. */
  forget(group: ClassicGroup, effects: GroupEffects): void {
    for (const memberId of group.pendingMembers) effects.cancel(sessionKey(group.groupId, memberId));
  }
}

export interface Committer {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

/** Whether a member, or somebody outside, may commit now: NONE, or what the commit is answered with. */
export function commitRefusal(group: ClassicGroup, { memberId, groupInstanceId, generationId }: Committer): ErrorCode {
  // Admin clients and consumers that assign themselves: as long as nobody else uses the group.
  if (generationId < 0 && group.isIn('Empty')) return Errors.NONE;
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return Errors.UNKNOWN_MEMBER_ID;
  const errorCode = group.validateMember(memberId, groupInstanceId);
  if (errorCode !== Errors.NONE) return errorCode;
  if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION;
  return group.isIn('CompletingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
}
