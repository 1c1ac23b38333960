// Sessions of the members of groups of every kind: a member that is not heard of until its session ends is lost.
import { type GroupEffects, sessionKey } from './group-effects.ts';

/** The member is alive now; unless it is heard of again within `timeoutMs`, its session ends. */
export function keepSession(
  groupId: string,
  { memberId, sessionTimeoutMs }: { readonly memberId: string; readonly sessionTimeoutMs: number },
  effects: GroupEffects,
  timeoutMs = sessionTimeoutMs,
): void {
  effects.schedule(sessionKey(groupId, memberId), timeoutMs, { kind: 'session', groupId, memberId });
}

/** The member has gone: it has no session any more. */
export function cancelSession(groupId: string, memberId: string, effects: GroupEffects): void {
  effects.cancel(sessionKey(groupId, memberId));
}
