// The assignment of one member while it is changed: what is not touched is the old one, map and sets, and is not copied.
import type { TopicPartitions } from './assignor.ts';

export class AssignmentDraft {
  #topics: TopicPartitions;
  /** The same as #topics from the first change on. */
  #own: Map<string, ReadonlySet<number>> | undefined;
  /** The sets in #own that are not those of the old assignment. */
  readonly #ownSets = new Map<string, Set<number>>();

  constructor(assigned: TopicPartitions) {
    this.#topics = assigned;
  }

  /** The assignment as it is now; it changes with further changes. */
  get topics(): TopicPartitions {
    return this.#topics;
  }

  add(topicId: string, partition: number): void {
    this.#partitions(topicId).add(partition);
  }
  remove(topicId: string, partition: number): void {
    const partitions = this.#partitions(topicId);
    partitions.delete(partition);
    if (partitions.size === 0) this.removeTopic(topicId);
  }
  /** Removes what is not among `partitions`. */
  retain(topicId: string, partitions: readonly number[]): void {
    const kept = new Set(partitions);
    for (const partition of this.#topics.get(topicId) ?? []) if (!kept.has(partition)) this.remove(topicId, partition);
  }
  removeTopic(topicId: string): void {
    this.#change().delete(topicId);
    this.#ownSets.delete(topicId);
  }

  #change(): Map<string, ReadonlySet<number>> {
    if (this.#own === undefined) {
      this.#own = new Map(this.#topics);
      this.#topics = this.#own;
    }
    return this.#own;
  }
  #partitions(topicId: string): Set<number> {
    const known = this.#ownSets.get(topicId);
    if (known !== undefined) return known;
    const copy = new Set(this.#topics.get(topicId));
    this.#ownSets.set(topicId, copy);
    this.#change().set(topicId, copy);
    return copy;
  }
}
