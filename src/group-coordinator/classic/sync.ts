// SyncGroup on a classic group: the leader hands in the assignment, which is written down and given to every member when it
// is committed (Kafka: GroupMetadataManager.classicGroupSync).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { Held } from '../../coordinator-common/index.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { Groups } from '../groups.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, NO_BYTES } from './classic-member.ts';
import { groupMetadataRecord } from './group-metadata.ts';
import type { Rebalances } from './rebalance.ts';

export function syncFailure(errorCode: ErrorCode): SyncGroupResponse {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES };
}

export class Syncs {
  readonly #groups: Groups;
  readonly #rebalances: Rebalances;

  constructor(groups: Groups, rebalances: Rebalances) {
    this.#groups = groups;
    this.#rebalances = rebalances;
  }

  sync(request: SyncGroupRequest, held: Held<SyncGroupResponse>, effects: GroupEffects): void {
    const group = this.#groups.classic(request.groupId);
    const errorCode = group === undefined ? Errors.UNKNOWN_MEMBER_ID : refusal(group, request);
    if (group === undefined || errorCode !== Errors.NONE) return effects.reply(held, syncFailure(errorCode));
    const member = group.member(request.memberId) as ClassicMember;
    // It asks a second time: nobody listens for the first answer any more.
    this.#rebalances.answerSync(group, member, Errors.REBALANCE_IN_PROGRESS, effects);
    member.awaitingSync = held;
    this.#rebalances.noteSync(group, member.memberId, effects);
    if (group.isIn('Stable')) this.#rebalances.answerSync(group, member, Errors.NONE, effects);
    else if (group.isLeader(member.memberId)) this.#assign(group, request, effects);
  }

  #assign(group: ClassicGroup, request: SyncGroupRequest, effects: GroupEffects): void {
    const assignments = new Map<string, Uint8Array>();
    for (const { memberId, assignment } of request.assignments) assignments.set(memberId, assignment);
    const record = groupMetadataRecord(group, assignments, effects.nowMs);
    if (record.valueBytes.length > this.#rebalances.settings.maxRecordBytes()) {
      this.#rebalances.resetAssignments(group, Errors.UNKNOWN_SERVER_ERROR, effects);
      return this.#rebalances.prepare(group, effects);
    }
    effects.write(record);
    for (const member of group.members) member.assignment = assignments.get(member.memberId) ?? NO_BYTES;
    group.transitionTo('Stable', effects.nowMs);
    this.#rebalances.propagateAssignments(group, effects);
  }
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
