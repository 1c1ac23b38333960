// The classic groups of a shard by themselves: sessions begin when they are loaded, and end by the clock.
import type { GroupEffects, GroupEvent } from '../group-effects.ts';
import type { GroupTenant } from '../group.ts';
import { type ClassicGroups, onClassicEvent } from './classic-groups.ts';
import { groupLoaded } from './membership.ts';
import type { ClassicSettings } from './rebalance.ts';

export class ClassicTenant implements GroupTenant {
  readonly #groups: ClassicGroups;
  readonly #settings: ClassicSettings;

  constructor(groups: ClassicGroups, settings: ClassicSettings) {
    this.#groups = groups;
    this.#settings = settings;
  }

  onLoaded(_image: unknown, effects: GroupEffects): void {
    for (const group of this.#groups.allClassic()) groupLoaded(group, this.#settings, effects);
  }
  onMetadata(): void {
    // The leader of a group sees to its topics.
  }
  onTimer(event: GroupEvent, effects: GroupEffects): void {
    const group = this.#groups.classic(event.groupId);
    if (group !== undefined) onClassicEvent(group, event, this.#settings, effects);
  }
}
