// The groups of one partition of __consumer_offsets (Kafka: GroupCoordinatorShard): what the runtime replays records into,
// and what requests are answered from.
import type { CoordinatorShard } from '../coordinator-common/index.ts';
import { type ErrorCode, Errors, type Int64 } from '../protocol/index.ts';
import { unreachable } from '../runtime/index.ts';
import { groupTombstone } from './classic/group-metadata.ts';
import { Joins } from './classic/join.ts';
import { Memberships } from './classic/membership.ts';
import { type ClassicSettings, Rebalances } from './classic/rebalance.ts';
import { Syncs } from './classic/sync.ts';
import { EXPIRY_KEY, type GroupEffects, type GroupTimer } from './group-effects.ts';
import type { GroupRecord } from './group-record.ts';
import { type Group, Groups } from './groups.ts';
import { expire } from './offsets/expiry.ts';
import { OffsetStore } from './offsets/offset-store.ts';
import { OffsetsOfGroups } from './offsets/offsets.ts';

export interface GroupShardSettings extends ClassicSettings {
  readonly maxMetadata: number;
  readonly retentionMs: number;
  readonly retentionCheckIntervalMs: number;
}

/** Between two stretches of work when much has expired at once. */
const EXPIRY_PAUSE_MS = 20;

export class GroupShard implements CoordinatorShard<GroupRecord, GroupTimer> {
  readonly groups = new Groups();
  readonly offsets: OffsetsOfGroups;
  readonly joins: Joins;
  readonly syncs: Syncs;
  readonly memberships: Memberships;
  readonly #store = new OffsetStore();
  readonly #rebalances: Rebalances;
  readonly #settings: GroupShardSettings;

  constructor(settings: GroupShardSettings) {
    this.#settings = settings;
    this.#rebalances = new Rebalances(settings);
    this.offsets = new OffsetsOfGroups(this.groups, this.#store, settings);
    this.joins = new Joins(this.groups, this.#rebalances);
    this.syncs = new Syncs(this.groups, this.#rebalances);
    this.memberships = new Memberships(this.groups, this.#rebalances);
  }

  replay(record: GroupRecord, producerId: Int64): void {
    switch (record.kind) {
      case 'offset':
        if (record.value !== null) this.groups.ensure(record.groupId);
        return this.#store.replay(record, producerId);
      case 'classic-group':
        return this.groups.replayClassic(record);
      case 'foreign':
        return this.groups.replayForeign(record);
      default:
        return unreachable(record);
    }
  }

  replayEndTransactionMarker(producerId: Int64, _producerEpoch: number, isCommit: boolean): void {
    this.#store.endTransaction(producerId, isCommit);
  }

  onLoaded(effects: GroupEffects): void {
    for (const group of this.groups.all()) if (group.kind === 'classic') this.memberships.loaded(group, effects);
    this.#scheduleExpiry(effects);
  }

  onTimer(event: GroupTimer, effects: GroupEffects): void {
    if (event.kind === 'expiry') return this.#expire(effects);
    if (event.kind === 'session') return this.memberships.sessionOver(event.groupId, event.memberId, effects);
    const group = this.groups.classic(event.groupId);
    if (group === undefined) return;
    switch (event.kind) {
      case 'initial-delay':
        return this.#rebalances.initialDelayOver(group, event.delayMs, event.remainingMs, effects);
      case 'join':
        return this.#rebalances.completeJoin(group, effects);
      case 'sync':
        return this.#rebalances.syncOverdue(group, event.generationId, effects);
      default:
        return unreachable(event);
    }
  }

  /** NONE when the group and all its offsets are deleted. */
  deleteGroup(groupId: string, effects: GroupEffects): ErrorCode {
    const group = this.groups.get(groupId);
    if (group === undefined) return Errors.GROUP_ID_NOT_FOUND;
    if (group.state !== 'Empty') return Errors.NON_EMPTY_GROUP;
    this.offsets.deleteAll(groupId, effects);
    if (group.kind === 'classic') {
      this.memberships.forget(group, effects);
      effects.append(groupTombstone(groupId));
    } else for (const record of group.records) effects.append({ ...record, isTombstone: true });
    effects.isAtomic = false;
    return Errors.NONE;
  }

  #expire(effects: GroupEffects): void {
    // The log takes them in any order and number: a tombstone too few is written the next time.
    effects.isAtomic = false;
    const { groups, isCutShort } = expire(this.groups, this.#store, this.#settings.retentionMs, effects);
    for (const group of groups) this.memberships.forget(group, effects);
    this.#scheduleExpiry(effects, isCutShort ? EXPIRY_PAUSE_MS : undefined);
  }

  #scheduleExpiry(effects: GroupEffects, delayMs = this.#settings.retentionCheckIntervalMs): void {
    effects.schedule(EXPIRY_KEY, delayMs, { kind: 'expiry' });
  }
}

/** Names as ListGroups gives them. */
export function typeOf(group: Group): string {
  return group.kind === 'classic' ? 'classic' : group.type;
}
