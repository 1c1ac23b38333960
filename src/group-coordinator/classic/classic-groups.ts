// The classic groups of a shard: what operations need of them, and what happens to them by the clock.
import { unreachable } from '../../runtime/index.ts';
import type { GroupEffects, GroupTimer } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { sessionOver } from './membership.ts';
import { type ClassicSettings, completeJoin, initialDelayOver, syncOverdue } from './rebalance.ts';

export interface ClassicGroups {
  /** undefined for a group of another kind, too. */
  classic(groupId: string): ClassicGroup | undefined;
  /** Whether there is such a group, of whatever kind. */
  has(groupId: string): boolean;
  /** A new group, without members. */
  create(groupId: string): ClassicGroup;
}

export type ClassicTimer = Exclude<GroupTimer, { readonly kind: 'expiry' }>;

/** A timer of a group; the group may have gone meanwhile. */
export function onClassicTimer(
  groups: ClassicGroups,
  event: ClassicTimer,
  settings: ClassicSettings,
  effects: GroupEffects,
): void {
  const group = groups.classic(event.groupId);
  if (group === undefined) return;
  switch (event.kind) {
    case 'session':
      return sessionOver(group, event.memberId, settings, effects);
    case 'initial-delay':
      return initialDelayOver(group, event, settings, effects);
    case 'join':
      return completeJoin(group, effects);
    case 'sync':
      return syncOverdue(group, event.generationId, settings, effects);
    default:
      return unreachable(event);
  }
}
