// The assignor `uniform` (KIP-848): all members get as many partitions, give or take one, and keep what they have as far as
// that allows (Kafka: UniformAssignor). Members with different subscriptions are the matter of uniform-heterogeneous.ts.
import { AssignmentDraft } from './assignment-draft.ts';
import { type Assignor, type GroupSpec, subscribedTopics, type TopicPartitions } from './assignor.ts';
import { assignHeterogeneous } from './uniform-heterogeneous.ts';

export const uniformAssignor: Assignor = {
  name: 'uniform',
  assign: (spec, partitionCountOf) => {
    const counts = subscribedTopics(spec, partitionCountOf);
    if (counts.size === 0) return new Map();
    return spec.isHomogeneous ? new EqualShares(spec, counts).assign() : assignHeterogeneous(spec, counts);
  },
};

/** Where a partition stands while shares are made. */
const Free = { NOBODY: 0, ASSIGNED: 1, KEPT: 2 } as const;

interface Draft {
  readonly assignment: AssignmentDraft;
  /** How many more partitions the member takes. */
  readonly room: number;
}

/** One run for a group whose members have all subscribed to the same topics. */
class EqualShares {
  readonly #members: GroupSpec['members'];
  readonly #standing = new Map<string, Uint8Array>();
  /** Partitions that nobody has, then those that members had to give up: a topic and a number at the same index. */
  readonly #freeTopics: string[] = [];
  readonly #freePartitions: number[] = [];

  constructor({ members }: GroupSpec, counts: ReadonlyMap<string, number>) {
    this.#members = members;
    for (const [topicId, count] of counts) this.#standing.set(topicId, new Uint8Array(count));
  }

  assign(): Map<string, TopicPartitions> {
    this.#findFree();
    const targets = new Map<string, TopicPartitions>();
    const drafts = this.#keep();
    let next = 0;
    for (const [memberId, { assignment, room }] of drafts) {
      for (let i = 0; i < room && next < this.#freeTopics.length; i++, next++)
        assignment.add(this.#freeTopics[next] as string, this.#freePartitions[next] as number);
      targets.set(memberId, assignment.topics);
    }
    return targets;
  }

  #findFree(): void {
    for (const { assigned } of this.#members.values()) {
      for (const [topicId, partitions] of assigned) {
        const standing = this.#standing.get(topicId);
        // Writing beyond the end of the array, a partition that does not exist, does nothing.
        if (standing !== undefined) for (const partition of partitions) standing[partition] = Free.ASSIGNED;
      }
    }
    for (const [topicId, standing] of this.#standing) {
      for (let partition = 0; partition < standing.length; partition++)
        if (standing[partition] === Free.NOBODY) this.#setFree(topicId, partition);
    }
  }

  #setFree(topicId: string, partition: number): void {
    this.#freeTopics.push(topicId);
    this.#freePartitions.push(partition);
  }

  /**
   * Members keep what they have up to their share. Where it does not divide some have a share of one more: the first ones that
   * have so many already, and the last ones if these are not enough.
   */
  #keep(): Map<string, Draft> {
    let total = 0;
    for (const standing of this.#standing.values()) total += standing.length;
    const share = Math.floor(total / this.#members.size);
    let extras = total % this.#members.size;
    let membersLeft = this.#members.size;
    const drafts = new Map<string, Draft>();
    for (const [memberId, { assigned }] of this.#members) {
      const assignment = new AssignmentDraft(assigned);
      let hasExtra = extras > 0;
      let room = hasExtra ? share + 1 : share;
      for (const [topicId, partitions] of assigned) {
        const standing = this.#standing.get(topicId);
        if (standing === undefined) assignment.removeTopic(topicId);
        else room = this.#keepTopic(assignment, topicId, partitions, standing, room);
      }
      if (hasExtra && room > 0 && membersLeft > extras) {
        hasExtra = false;
        room -= 1;
      }
      if (hasExtra) extras -= 1;
      membersLeft -= 1;
      drafts.set(memberId, { assignment, room });
    }
    return drafts;
  }

  /** Room that is left. A partition that does not exist, or that another member has kept or given up, is not kept. */
  #keepTopic(
    assignment: AssignmentDraft,
    topicId: string,
    partitions: ReadonlySet<number>,
    standing: Uint8Array,
    room: number,
  ): number {
    let left = room;
    for (const partition of partitions) {
      const isOwned = standing[partition] === Free.ASSIGNED;
      if (isOwned) standing[partition] = Free.KEPT;
      if (isOwned && left > 0) {
        left -= 1;
        continue;
      }
      assignment.remove(topicId, partition);
      if (isOwned) this.#setFree(topicId, partition);
    }
    return left;
  }
}
