// What members of a classic group are answered: to JoinGroup and SyncGroup, at once or when the others have come.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import { assert } from '../../runtime/index.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, NO_BYTES } from './classic-member.ts';

/** Answers the join that the member waits with, if there is one. */
export function answerJoin(member: ClassicMember, response: JoinGroupResponse, effects: GroupEffects): void {
  if (member.awaitingJoin === undefined) return;
  effects.reply(member.awaitingJoin, response);
  member.awaitingJoin = undefined;
}

/** Whether there was a sync to answer. */
export function answerSync(
  group: ClassicGroup,
  member: ClassicMember,
  errorCode: ErrorCode,
  effects: GroupEffects,
): boolean {
  if (member.awaitingSync === undefined) return false;
  const isFine = errorCode === Errors.NONE;
  effects.reply(member.awaitingSync, {
    errorCode,
    protocolType: isFine ? (group.protocolType ?? null) : null,
    protocolName: isFine ? group.protocolName : null,
    assignment: isFine ? member.assignment : NO_BYTES,
  });
  member.awaitingSync = undefined;
  return true;
}

/** The present generation, as a member gets it: only the leader is told of the others. */
export function joinAnswer(group: ClassicGroup, memberId: string): JoinGroupResponse {
  assert(group.member(memberId) !== undefined, 'a generation is told to its members only');
  return {
    errorCode: Errors.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    memberId,
    members: group.isLeader(memberId) ? membersOf(group) : [],
  };
}

function membersOf(group: ClassicGroup): JoinGroupResponse['members'] {
  const members = [];
  for (const member of group.members) {
    const { memberId, groupInstanceId } = member;
    members.push({ memberId, groupInstanceId, metadata: member.metadata(group.protocolName) });
  }
  return members;
}

export function joinFailure(memberId: string, errorCode: ErrorCode): JoinGroupResponse {
  return { errorCode, generationId: -1, protocolType: null, protocolName: null, leader: '', memberId, members: [] };
}

export function syncFailure(errorCode: ErrorCode): SyncGroupResponse {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES };
}
