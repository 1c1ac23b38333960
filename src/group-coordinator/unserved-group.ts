// A group of a kind whose protocol is not served here: a Kafka broker has left it in the log. Its records are kept as they are
// and nothing of it expires; what is known of it is enough to list it, to guard its committed offsets, and to delete it.
import { type ErrorCode, Errors } from '../protocol/index.ts';
import type { Committer, Fetcher, Group, GroupKind, ListedGroup } from './group.ts';
import type { GroupEffects } from './group-effects.ts';
import { type AnyGroupRecordType, encodeGroupState, type GroupStateRecord } from './group-record.ts';

export abstract class UnservedGroup implements Group {
  readonly groupId: string;
  abstract readonly type: string;
  /** Tombstones of all records that have a value, by the bytes of their keys. */
  readonly #tombstones = new Map<string, GroupStateRecord>();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  /** As ListGroups names it. */
  abstract get state(): string;
  abstract get isEmpty(): boolean;
  abstract isSubscribedTo(topic: string): boolean;
  /** Takes what the kind knows out of a record; of a tombstone too. */
  protected abstract read(record: GroupStateRecord): void;

  replay(record: GroupStateRecord): void {
    const tombstone: GroupStateRecord = { ...record, value: null };
    const key = Buffer.from(encodeGroupState(tombstone).key).toString('latin1');
    if (record.value === null) this.#tombstones.delete(key);
    else this.#tombstones.set(key, tombstone);
    this.read(record);
  }
  /** No record of it is left. */
  get isGone(): boolean {
    return this.#tombstones.size === 0;
  }
  get shouldExpire(): boolean {
    return false;
  }

  /** Members are not served, so that none can commit; others may while there are no members. */
  checkCommit(committer: Committer, _effects: GroupEffects): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional } = committer;
    if (generationIdOrMemberEpoch < 0 && this.isEmpty) return Errors.NONE;
    const isNobody = generationIdOrMemberEpoch < 0 && memberId === '' && groupInstanceId === null;
    return isTransactional && isNobody ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }
  checkFetch({ memberId, memberEpoch }: Fetcher): ErrorCode {
    return memberId === null && memberEpoch < 0 ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }
  checkDeleteOffsets(): ErrorCode {
    return Errors.NONE;
  }
  offsetsAgeFrom(): undefined {
    return undefined;
  }
  appendTombstones(effects: GroupEffects): void {
    for (const tombstone of this.#tombstones.values()) effects.append(tombstone);
  }
  cancelTimers(_effects: GroupEffects): void {
    // Without members that are served there are no timers.
  }
  listed(): ListedGroup {
    const { groupId, type, state } = this;
    return { groupId, protocolType: type, groupState: state, groupType: type };
  }
  described(): undefined {
    return undefined;
  }
}

/** The kind of such groups. `make`: one of which nothing is known yet. */
export function unservedKind<G extends UnservedGroup>(
  type: string,
  recordTypes: readonly AnyGroupRecordType[],
  make: (groupId: string) => G,
): GroupKind<G> {
  return {
    type,
    recordTypes,
    replay(known, record) {
      if (known === undefined && record.value === null) return undefined;
      const group = known ?? make(record.groupId);
      group.replay(record);
      return group.isGone ? undefined : group;
    },
  };
}
