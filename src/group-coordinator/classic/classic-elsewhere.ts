// What groups of another kind do for members of the classic protocol (KIP-848: online migration).
import type { ErrorCode } from '../../protocol/index.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { Join } from './join.ts';
import type { Leaving, Left } from './membership.ts';
import type { Sync } from './sync.ts';

/** All but `takesClassic` and `join` throw KafkaError, with nothing changed. */
export interface ClassicElsewhere {
  /** Whether the group is one that takes such members. */
  takesClassic(groupId: string): boolean;
  /** Answers the join. */
  join(join: Join, effects: GroupEffects): void;
  /** Answers the sync. */
  sync(sync: Sync, effects: GroupEffects): void;
  heartbeat(request: HeartbeatRequest, effects: GroupEffects): ErrorCode;
  leave(groupId: string, leaving: readonly Leaving[], effects: GroupEffects): Left[];
}
