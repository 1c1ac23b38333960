// What operations on groups want done, and the events that they ask to be woken with.
import type { Effects } from '../coordinator-common/index.ts';
import type { GroupRecord } from './group-record.ts';

export type GroupTimer =
  /** A member, joined or pending, has not been heard of. */
  | { readonly kind: 'session'; readonly groupId: string; readonly memberId: string }
  /** The first rebalance has waited `delayMs` for more members, and may wait `remainingMs` longer. */
  | { readonly kind: 'initial-delay'; readonly groupId: string; readonly delayMs: number; readonly remainingMs: number }
  /** Members had their time to join. */
  | { readonly kind: 'join'; readonly groupId: string }
  /** Members had their time to fetch what the leader assigned. */
  | { readonly kind: 'sync'; readonly groupId: string; readonly generationId: number }
  /** Old offsets are sought. */
  | { readonly kind: 'expiry' };

export type GroupEffects = Effects<GroupRecord, GroupTimer>;

/** Group and member ids may hold anything: the length tells where the first ends. */
export function sessionKey(groupId: string, memberId: string): string {
  return `session ${groupId.length} ${groupId}${memberId}`;
}
export const joinKey = (groupId: string): string => `join ${groupId}`;
export const syncKey = (groupId: string): string => `sync ${groupId}`;
export const EXPIRY_KEY = 'expiry';
