// The groups of one shard by id, of whatever type.
import type { ClassicGroupRecord, ForeignRecord } from './group-record.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import { loadedGroup } from './classic/group-metadata.ts';
import { ForeignGroup } from './foreign-groups.ts';

export type Group = ClassicGroup | ForeignGroup;

export class Groups {
  readonly #groups = new Map<string, Group>();

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }
  /** undefined for a group of another type, too. */
  classic(groupId: string): ClassicGroup | undefined {
    const group = this.#groups.get(groupId);
    return group?.kind === 'classic' ? group : undefined;
  }
  all(): MapIterator<Group> {
    return this.#groups.values();
  }
  get size(): number {
    return this.#groups.size;
  }

  create(groupId: string): ClassicGroup {
    const group = new ClassicGroup(groupId);
    this.#groups.set(groupId, group);
    return group;
  }

  /** Committed offsets make a group: one of a simple consumer, unless more is known of it (Kafka: simple group). */
  ensure(groupId: string): void {
    if (!this.#groups.has(groupId)) this.create(groupId);
  }

  replayClassic({ groupId, value }: ClassicGroupRecord): void {
    if (value !== null) this.#groups.set(groupId, loadedGroup(groupId, value));
    // A group that has changed its type leaves a tombstone of the old one behind.
    else if (this.classic(groupId) !== undefined) this.#groups.delete(groupId);
  }

  replayForeign(record: ForeignRecord): void {
    let group = this.#groups.get(record.groupId);
    if (group?.kind !== 'foreign') {
      if (record.isTombstone) return;
      group = new ForeignGroup(record.groupId, record.type);
      this.#groups.set(record.groupId, group);
    }
    group.replay(record);
    if (group.isGone) this.#groups.delete(record.groupId);
  }
}
