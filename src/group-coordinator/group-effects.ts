// What operations on groups want done, and the events that they ask to be woken with.
import type { Effects } from '../coordinator-common/index.ts';
import type { GroupRecord } from './group-record.ts';

/** Of one group, for the kind that it is of. */
export type GroupEvent =
  /** A member, joined or pending, has not been heard of. */
  | { readonly kind: 'session'; readonly groupId: string; readonly memberId: string }
  /** The first rebalance has waited `delayMs` for more members, and may wait `remainingMs` longer. */
  | { readonly kind: 'initial-delay'; readonly groupId: string; readonly delayMs: number; readonly remainingMs: number }
  /** Members had their time to join. */
  | { readonly kind: 'join'; readonly groupId: string }
  /** Members had their time to fetch what the leader assigned. */
  | { readonly kind: 'sync'; readonly groupId: string; readonly generationId: number }
  /** A member of a consumer or streams group had its time to give up partitions or tasks, in this epoch. */
  | { readonly kind: 'revocation'; readonly groupId: string; readonly memberId: string; readonly memberEpoch: number }
  /** A classic member of a consumer group had its time to join again, or to fetch its assignment. */
  | { readonly kind: 'member-join' | 'member-sync'; readonly groupId: string; readonly memberId: string }
  /** Members of a streams group had their time to come before the first assignment. */
  | { readonly kind: 'initial-assignment'; readonly groupId: string }
  /** The regular expressions of a consumer group are matched against topics. */
  | { readonly kind: 'regex'; readonly groupId: string };

export type GroupTimer =
  | GroupEvent
  /** Old offsets are sought. */
  | { readonly kind: 'expiry' };

export type GroupEffects = Effects<GroupRecord, GroupTimer>;

/** Group and member ids may hold anything: the length tells where the first ends. */
const memberKey = (what: string, groupId: string, memberId: string): string =>
  `${what} ${groupId.length} ${groupId}${memberId}`;

export const sessionKey = (groupId: string, memberId: string): string => memberKey('session', groupId, memberId);
export const revocationKey = (groupId: string, memberId: string): string => memberKey('revocation', groupId, memberId);
export const memberJoinKey = (groupId: string, memberId: string): string => memberKey('member-join', groupId, memberId);
export const memberSyncKey = (groupId: string, memberId: string): string => memberKey('member-sync', groupId, memberId);
export const regexKey = (groupId: string): string => `regex ${groupId}`;
export const initialAssignmentKey = (groupId: string): string => `initial-assignment ${groupId}`;
export const joinKey = (groupId: string): string => `join ${groupId}`;
export const syncKey = (groupId: string): string => `sync ${groupId}`;
export const EXPIRY_KEY = 'expiry';
