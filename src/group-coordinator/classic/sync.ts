// SyncGroup on a classic group: the leader hands in the assignment, which is written down and given to every member when it
// is committed (Kafka: GroupMetadataManager.classicGroupSync).
import type { Held } from '../../coordinator-common/index.ts';
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, NO_BYTES } from './classic-member.ts';
import { groupMetadataRecord } from './group-metadata.ts';
import { answerSync, syncFailure } from './member-answers.ts';
import { type ClassicSettings, noteSync, prepare, propagateAssignments, resetAssignments } from './rebalance.ts';

/** A request to sync, and what it is judged by. */
export interface Sync {
  readonly request: SyncGroupRequest;
  readonly held: Held<SyncGroupResponse>;
  readonly settings: ClassicSettings;
}

/** `group` undefined: there is no such classic group. */
export function syncGroup(group: ClassicGroup | undefined, sync: Sync, effects: GroupEffects): void {
  const { request, held } = sync;
  const errorCode = group === undefined ? Errors.UNKNOWN_MEMBER_ID : refusal(group, request);
  if (group === undefined || errorCode !== Errors.NONE) return effects.reply(held, syncFailure(errorCode));
  const member = group.member(request.memberId) as ClassicMember;
  // It asks a second time: nobody listens for the first answer any more.
  answerSync(group, member, Errors.REBALANCE_IN_PROGRESS, effects);
  member.awaitingSync = held;
  noteSync(group, member.memberId, effects);
  if (group.isIn('Stable')) answerSync(group, member, Errors.NONE, effects);
  else if (group.isLeader(member.memberId)) assign(group, sync, effects);
}

function assign(group: ClassicGroup, { request, settings }: Sync, effects: GroupEffects): void {
  const assignments = new Map<string, Uint8Array>();
  for (const { memberId, assignment } of request.assignments) assignments.set(memberId, assignment);
  const record = groupMetadataRecord(group, assignments, effects.nowMs);
  if (record.valueBytes.length > settings.maxRecordBytes()) {
    resetAssignments(group, Errors.UNKNOWN_SERVER_ERROR, effects);
    return prepare(group, settings, effects);
  }
  effects.appendWithoutReplay(record);
  for (const member of group.members) member.assignment = assignments.get(member.memberId) ?? NO_BYTES;
  group.transitionTo('Stable', effects.nowMs);
  propagateAssignments(group, effects);
}

/** What a SyncGroup meets before anything of it is looked at, or NONE. */
function refusal(group: ClassicGroup, request: SyncGroupRequest): ErrorCode {
  const errorCode = group.validateMember(request.memberId, request.groupInstanceId);
  if (errorCode !== Errors.NONE) return errorCode;
  if (request.generationId !== group.generationId) return Errors.ILLEGAL_GENERATION;
  const { protocolType, protocolName } = request;
  const differs =
    (protocolType !== null && protocolType !== group.protocolType) ||
    (protocolName !== null && protocolName !== group.protocolName);
  if (differs) return Errors.INCONSISTENT_GROUP_PROTOCOL;
  return group.isIn('PreparingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
}
