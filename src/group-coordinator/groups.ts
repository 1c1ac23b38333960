// The groups of one shard by id, and the kinds that they are of: the only place that asks for the kind of a group.
import { assert } from '../runtime/index.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import { classicKind } from './classic/group-metadata.ts';
import { ConsumerGroup, consumerKind } from './consumer/consumer-group.ts';
import type { Group, GroupKind, GroupsById } from './group.ts';
import type { AnyGroupRecordType, GroupStateRecord } from './group-record.ts';
import { ShareGroup, shareKind } from './share/share-group.ts';
import { streamsKind } from './streams/streams-group.ts';

/** Every kind of group that this broker knows. */
export const groupKinds: readonly GroupKind[] = [classicKind, consumerKind, shareKind, streamsKind];

export class Groups implements GroupsById {
  readonly #groups = new Map<string, Group>();
  readonly #kindOf = new Map<AnyGroupRecordType, GroupKind>();

  constructor(kinds: readonly GroupKind[]) {
    for (const kind of kinds) {
      for (const type of kind.recordTypes) {
        assert(!this.#kindOf.has(type), 'a record type belongs to one kind of group');
        this.#kindOf.set(type, kind);
      }
    }
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }
  all(): MapIterator<Group> {
    return this.#groups.values();
  }
  /** undefined for a group of another kind, too. */
  classic(groupId: string): ClassicGroup | undefined {
    const group = this.#groups.get(groupId);
    return group instanceof ClassicGroup ? group : undefined;
  }
  *allClassic(): Iterable<ClassicGroup> {
    for (const group of this.#groups.values()) if (group instanceof ClassicGroup) yield group;
  }

  /** undefined for a group of another kind, too. */
  consumer(groupId: string): ConsumerGroup | undefined {
    const group = this.#groups.get(groupId);
    return group instanceof ConsumerGroup ? group : undefined;
  }
  *allConsumer(): Iterable<ConsumerGroup> {
    for (const group of this.#groups.values()) if (group instanceof ConsumerGroup) yield group;
  }

  /** undefined for a group of another kind, too. */
  share(groupId: string): ShareGroup | undefined {
    const group = this.#groups.get(groupId);
    return group instanceof ShareGroup ? group : undefined;
  }
  *allShare(): Iterable<ShareGroup> {
    for (const group of this.#groups.values()) if (group instanceof ShareGroup) yield group;
  }

  /** The group takes the place of one of another kind with its id. */
  put(group: Group): void {
    this.#groups.set(group.groupId, group);
  }

  create(groupId: string): ClassicGroup {
    assert(this.classic(groupId) === undefined, 'a group that is there is not made again');
    const group = new ClassicGroup(groupId);
    this.#groups.set(groupId, group);
    return group;
  }

  /** Committed offsets make a group: one of a simple consumer, unless more is known of it (Kafka: simple group). */
  ensure(groupId: string): void {
    if (!this.#groups.has(groupId)) this.create(groupId);
  }

  replay(record: GroupStateRecord): void {
    const { groupId } = record;
    const kind = this.#kindOf.get(record.type);
    assert(kind !== undefined, 'a record is only read by the kind of group that it belongs to');
    const known = this.#groups.get(groupId);
    const isOwn = known?.type === kind.type;
    const group = kind.replay(isOwn ? known : undefined, record);
    assert(
      group === undefined || (group.groupId === groupId && group.type === kind.type),
      'a record makes its own group',
    );
    if (group !== undefined) this.#groups.set(groupId, group);
    // A group that has changed its kind leaves tombstones of the old one behind.
    else if (isOwn) this.#groups.delete(groupId);
  }
}
