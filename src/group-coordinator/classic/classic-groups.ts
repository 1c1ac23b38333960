// The classic groups of a shard: what operations need of them, and what happens to them by the clock.
import type { Group } from '../group.ts';
import type { GroupEffects, GroupEvent } from '../group-effects.ts';
import type { ClassicGroup } from './classic-group.ts';
import { sessionOver } from './membership.ts';
import { type ClassicSettings, completeJoin, initialDelayOver, syncOverdue } from './rebalance.ts';

export interface ClassicGroups {
  get(groupId: string): Group | undefined;
  /** undefined for a group of another kind, too. */
  classic(groupId: string): ClassicGroup | undefined;
  allClassic(): Iterable<ClassicGroup>;
  /** A new group without members, in the place of one of another kind that gives way. */
  create(groupId: string): ClassicGroup;
}

/** An event of a group; one that was asked for before it became a classic group says nothing to it. */
export function onClassicEvent(
  group: ClassicGroup,
  event: GroupEvent,
  settings: ClassicSettings,
  effects: GroupEffects,
): void {
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
      return undefined;
  }
}
