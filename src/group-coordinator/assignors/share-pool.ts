// Partitions of share groups and the members that share them: how many members each partition is to have, how many partitions
// each member, and the way from what is to what shall be.
import type { AssignmentDraft } from './assignment-draft.ts';

interface Shared {
  readonly topicId: string;
  readonly partition: number;
  /** Members that have it. */
  readonly holders: Set<number>;
}

interface Sharer {
  readonly member: number;
  readonly draft: AssignmentDraft;
  /** Partitions that it has. */
  count: number;
  /** Partitions that it is to have. */
  quota: number;
}

export class SharePool {
  readonly #partitions: Shared[] = [];
  /** By member. */
  readonly #sharers = new Map<number, Sharer>();

  /** `drafts` of all members; those at `subscribers`, in this order, share and are changed. */
  constructor(drafts: readonly AssignmentDraft[], subscribers: readonly number[]) {
    for (const member of subscribers) {
      const draft = drafts[member] as AssignmentDraft;
      this.#sharers.set(member, { member, draft, count: 0, quota: 0 });
    }
  }

  /** Takes in a topic that all have subscribed to; what they have of it beside `partitions` they have no more. */
  addTopic(topicId: string, partitions: readonly number[]): void {
    const added = partitions.map((partition): Shared => ({ topicId, partition, holders: new Set() }));
    this.#partitions.push(...added);
    for (const sharer of this.#sharers.values()) {
      const assigned = sharer.draft.topics.get(topicId);
      if (assigned === undefined) continue;
      let known = 0;
      for (const shared of added) {
        if (!assigned.has(shared.partition)) continue;
        known += 1;
        shared.holders.add(sharer.member);
        sharer.count += 1;
      }
      if (known < assigned.size) sharer.draft.retain(topicId, partitions);
    }
  }

  share(): void {
    if (this.#partitions.length === 0) return;
    const sharing = Math.ceil(this.#sharers.size / this.#partitions.length);
    this.#setQuotas((sharing * this.#partitions.length) / this.#sharers.size);
    // What others have too goes first, so that as much as possible stays where it is.
    for (const sharer of this.#sharers.values()) this.#takeFromOverfilled(sharer, sharing);
    for (const sharer of this.#sharers.values()) this.#takeFromOverfilled(sharer, 0);
    for (const shared of this.#partitions) this.#takeOvershared(shared, sharing);
    this.#giveToUnfilled(sharing);
    for (const shared of this.#partitions) if (shared.holders.size === 0) this.#giveToLeastLoaded(shared);
  }

  /** `average` partitions for each, in whole numbers that come out even over all of them. */
  #setQuotas(average: number): void {
    let index = 0;
    for (const sharer of this.#sharers.values()) {
      sharer.quota = Math.ceil(average * (index + 1)) - Math.ceil(average * index);
      index += 1;
    }
  }

  /** Takes partitions that have more than `sharing` members. */
  #takeFromOverfilled(sharer: Sharer, sharing: number): void {
    for (const shared of this.#partitions) {
      if (sharer.count <= sharer.quota) return;
      if (shared.holders.size > sharing && shared.holders.has(sharer.member)) this.#take(shared, sharer);
    }
  }

  #takeOvershared(shared: Shared, sharing: number): void {
    for (const member of shared.holders) {
      if (shared.holders.size <= sharing) return;
      this.#take(shared, this.#sharers.get(member) as Sharer);
    }
  }

  /** Partitions with too few members, in turn, to members with too few partitions, in turn. */
  #giveToUnfilled(sharing: number): void {
    const unfilled = [...this.#sharers.values()].filter(({ count, quota }) => count < quota);
    let next = 0;
    for (const shared of this.#partitions) {
      /** Members in a row that have it already. */
      let passed = 0;
      while (shared.holders.size < sharing && passed < unfilled.length) {
        next %= unfilled.length;
        const sharer = unfilled[next] as Sharer;
        if (shared.holders.has(sharer.member)) {
          passed += 1;
          next += 1;
          continue;
        }
        this.#give(shared, sharer);
        passed = 0;
        if (sharer.count >= sharer.quota) unfilled.splice(next, 1);
        else next += 1;
      }
    }
  }

  #giveToLeastLoaded(shared: Shared): void {
    let least: Sharer | undefined;
    for (const sharer of this.#sharers.values()) if (least === undefined || sharer.count < least.count) least = sharer;
    if (least !== undefined) this.#give(shared, least);
  }

  #give(shared: Shared, sharer: Sharer): void {
    shared.holders.add(sharer.member);
    sharer.count += 1;
    sharer.draft.add(shared.topicId, shared.partition);
  }
  #take(shared: Shared, sharer: Sharer): void {
    shared.holders.delete(sharer.member);
    sharer.count -= 1;
    sharer.draft.remove(shared.topicId, shared.partition);
  }
}
