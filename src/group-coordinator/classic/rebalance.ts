// How a classic group gets from one generation to the next: who waits for whom, and for how long (Kafka:
// GroupMetadataManager, prepareRebalance to schedulePendingSync).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import { type GroupEffects, joinKey, sessionKey, syncKey } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, NO_BYTES } from './classic-member.ts';
import { groupMetadataRecord } from './group-metadata.ts';

/** What the shard tells its classic groups. */
export interface ClassicSettings {
  readonly initialRebalanceDelayMs: number;
  readonly maxSize: number;
  /** A larger record cannot be written. */
  maxRecordBytes(): number;
}

/** A member that does not know its id cannot send heartbeats: its join is given up after this time, and it will retry. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000;

const NO_ASSIGNMENTS: ReadonlyMap<string, Uint8Array> = new Map();

/** The member is alive now; unless it is heard of again within `timeoutMs`, its session ends. */
export function keepSession(
  group: ClassicGroup,
  member: ClassicMember,
  effects: GroupEffects,
  timeoutMs = member.sessionTimeoutMs,
): void {
  const { groupId } = group;
  const { memberId } = member;
  effects.schedule(sessionKey(groupId, memberId), timeoutMs, { kind: 'session', groupId, memberId });
}

export class Rebalances {
  readonly settings: ClassicSettings;

  constructor(settings: ClassicSettings) {
    this.settings = settings;
  }

  /** Something has changed: the members must come together again, or may be complete now. */
  rebalance(group: ClassicGroup, effects: GroupEffects): void {
    if (group.isIn('PreparingRebalance')) this.completeIfAllJoined(group, effects);
    else this.prepare(group, effects);
  }

  prepare(group: ClassicGroup, effects: GroupEffects): void {
    // Who waits for an assignment must join again.
    if (group.isIn('CompletingRebalance')) this.resetAssignments(group, Errors.REBALANCE_IN_PROGRESS, effects);
    effects.cancel(syncKey(group.groupId));
    const isInitial = group.isIn('Empty');
    group.transitionTo('PreparingRebalance', effects.nowMs);
    if (!isInitial) return this.#completeOrWait(group, effects);
    // More members are probably on their way: waiting a little spares them a rebalance each.
    const delayMs = this.settings.initialRebalanceDelayMs;
    const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0);
    this.#waitForMore(group, delayMs, remainingMs, effects);
  }

  #waitForMore(group: ClassicGroup, delayMs: number, remainingMs: number, effects: GroupEffects): void {
    const { groupId } = group;
    effects.schedule(joinKey(groupId), delayMs, { kind: 'initial-delay', groupId, delayMs, remainingMs });
  }

  initialDelayOver(group: ClassicGroup, delayMs: number, remainingMs: number, effects: GroupEffects): void {
    if (!group.isIn('PreparingRebalance')) return;
    if (!group.hasNewMember || remainingMs === 0) return this.completeJoin(group, effects);
    group.hasNewMember = false;
    const nextDelayMs = Math.min(this.settings.initialRebalanceDelayMs, remainingMs);
    this.#waitForMore(group, nextDelayMs, Math.max(remainingMs - delayMs, 0), effects);
  }

  #completeOrWait(group: ClassicGroup, effects: GroupEffects): void {
    if (group.hasAllMembersJoined) this.completeJoin(group, effects);
    else this.#waitForJoins(group, effects);
  }

  #waitForJoins(group: ClassicGroup, effects: GroupEffects): void {
    const { groupId } = group;
    effects.schedule(joinKey(groupId), group.rebalanceTimeoutMs, { kind: 'join', groupId });
  }

  /** The first rebalance of a group is only completed by its timer. */
  completeIfAllJoined(group: ClassicGroup, effects: GroupEffects): void {
    if (!group.isIn('PreparingRebalance') || group.previousState === 'Empty') return;
    if (group.hasAllMembersJoined) this.completeJoin(group, effects);
  }

  /** Ends the join phase with the members that have come. Static members may be away for as long as their session lasts. */
  completeJoin(group: ClassicGroup, effects: GroupEffects): void {
    if (!group.isIn('PreparingRebalance')) return;
    effects.cancel(joinKey(group.groupId));
    for (const member of group.members) {
      if (member.awaitingJoin === undefined && member.groupInstanceId === null)
        this.removeMember(group, member, effects);
    }
    if (!group.electLeader() && group.size > 0) {
      // Only static members, and none is there: their sessions decide.
      return this.#waitForJoins(group, effects);
    }
    group.beginGeneration(effects.nowMs);
    if (group.size === 0) effects.write(groupMetadataRecord(group, NO_ASSIGNMENTS));
    else this.#answerJoins(group, effects);
  }

  #answerJoins(group: ClassicGroup, effects: GroupEffects): void {
    for (const member of group.members) {
      this.answerJoin(member, joinAnswer(group, member.memberId), effects);
      keepSession(group, member, effects);
      member.isNew = false;
      group.awaitSync(member.memberId);
    }
    const { groupId, generationId } = group;
    effects.schedule(syncKey(groupId), group.rebalanceTimeoutMs, { kind: 'sync', groupId, generationId });
  }

  answerJoin(member: ClassicMember, response: JoinGroupResponse, effects: GroupEffects): void {
    if (member.awaitingJoin === undefined) return;
    effects.reply(member.awaitingJoin, response);
    member.awaitingJoin = undefined;
  }

  answerSync(group: ClassicGroup, member: ClassicMember, errorCode: ErrorCode, effects: GroupEffects): boolean {
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

  resetAssignments(group: ClassicGroup, errorCode: ErrorCode, effects: GroupEffects): void {
    for (const member of group.members) member.assignment = NO_BYTES;
    this.#answerSyncs(group, errorCode, effects);
  }

  propagateAssignments(group: ClassicGroup, effects: GroupEffects): void {
    this.#answerSyncs(group, Errors.NONE, effects);
  }

  #answerSyncs(group: ClassicGroup, errorCode: ErrorCode, effects: GroupEffects): void {
    for (const member of group.members) {
      // Its session may have ended unnoticed while it waited for us: it begins anew.
      if (this.answerSync(group, member, errorCode, effects)) keepSession(group, member, effects);
    }
  }

  /** Members that were told of the generation and never fetched their assignment are gone. */
  syncOverdue(group: ClassicGroup, generationId: number, effects: GroupEffects): void {
    if (group.generationId !== generationId || !group.isIn('CompletingRebalance', 'Stable')) return;
    if (group.pendingSyncs.size === 0) return;
    for (const memberId of group.pendingSyncs) {
      const member = group.member(memberId);
      if (member !== undefined) this.removeMember(group, member, effects);
    }
    this.prepare(group, effects);
  }

  /** The member has fetched, or is waiting for, its assignment. */
  noteSync(group: ClassicGroup, memberId: string, effects: GroupEffects): void {
    group.hasSynced(memberId);
    if (group.pendingSyncs.size === 0) effects.cancel(syncKey(group.groupId));
  }

  /** A member has left or was lost; the caller sees to the others. */
  removeMember(group: ClassicGroup, member: ClassicMember, effects: GroupEffects): void {
    this.answerJoin(member, joinFailure('', Errors.UNKNOWN_MEMBER_ID), effects);
    this.answerSync(group, member, Errors.UNKNOWN_MEMBER_ID, effects);
    effects.cancel(sessionKey(group.groupId, member.memberId));
    group.remove(member.memberId);
  }

  /** A pending member has left or was lost. */
  removePending(group: ClassicGroup, memberId: string, effects: GroupEffects): void {
    effects.cancel(sessionKey(group.groupId, memberId));
    group.remove(memberId);
  }

  /** After members have gone: the rest comes together again, or is complete now. */
  membersRemoved(group: ClassicGroup, effects: GroupEffects): void {
    if (group.isIn('Stable', 'CompletingRebalance')) this.prepare(group, effects);
    else this.completeIfAllJoined(group, effects);
  }
}

/** The present generation, as a member gets it: only the leader is told of the others. */
export function joinAnswer(group: ClassicGroup, memberId: string): JoinGroupResponse {
  return {
    errorCode: Errors.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    memberId,
    members: group.isLeader(memberId) ? membersFor(group) : [],
  };
}

export function membersFor(
  group: ClassicGroup,
): { memberId: string; groupInstanceId: string | null; metadata: Uint8Array }[] {
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
