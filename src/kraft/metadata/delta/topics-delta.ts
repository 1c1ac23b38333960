// Which topics come, change and go between two images (Kafka: TopicsDelta).
import { assert } from '../../../runtime/index.ts';
import type { TopicImage, TopicsImage } from '../image/topics-image.ts';
import type {
  ClearElrRecord,
  PartitionChangeRecord,
  PartitionRecord,
  RemoveTopicRecord,
  TopicRecord,
} from '../records/index.ts';
import { TopicDelta } from './topic-delta.ts';

export class TopicsDelta {
  readonly base: TopicsImage;
  readonly #changed = new Map<string, TopicDelta>();
  /** Ids of new topics by name; a name of `base` that was deleted stands here as null. */
  readonly #names = new Map<string, string | null>();
  readonly #deleted = new Map<string, TopicImage>();

  constructor(base: TopicsImage) {
    this.base = base;
  }

  /** New and changed topics by id. */
  get changed(): ReadonlyMap<string, TopicDelta> {
    return this.#changed;
  }
  /** Topics of `base` that are gone, by id. */
  get deleted(): ReadonlyMap<string, TopicImage> {
    return this.#deleted;
  }
  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#deleted.size === 0;
  }

  replayTopic({ name, topicId }: TopicRecord): void {
    this.#changed.set(topicId, new TopicDelta(name, topicId, undefined));
    this.#names.set(name, topicId);
  }

  replayPartition(record: PartitionRecord): void {
    this.#of(record.topicId).replayPartition(record);
  }

  replayPartitionChange(record: PartitionChangeRecord): void {
    this.#of(record.topicId).replayChange(record);
  }

  /** Returns the name of the topic that is gone. */
  replayRemoval({ topicId: id }: RemoveTopicRecord): string {
    const delta = this.#changed.get(id);
    const base = this.base.byId.get(id);
    const name = (delta ?? base)?.name;
    assert(name !== undefined, `the removal of topic ${id}, which does not exist`);
    this.#changed.delete(id);
    if (base !== undefined) this.#deleted.set(id, base);
    if (this.#names.get(name) === id || base !== undefined) this.#names.set(name, null);
    return name;
  }

  replayClearElr({ topicName }: ClearElrRecord): void {
    if (topicName !== '') {
      const id = this.#names.get(topicName) ?? this.base.byName.get(topicName)?.id;
      assert(id !== undefined, `the end of eligible replicas of topic ${topicName}, which does not exist`);
      this.#of(id).clearEligibleReplicas();
      return;
    }
    for (const topic of this.base.byId.values()) {
      const hasAny = topic.partitions.some(
        (partition) => partition.elr.length > 0 || partition.lastKnownElr.length > 0,
      );
      if (hasAny && !this.#deleted.has(topic.id)) this.#of(topic.id);
    }
    for (const delta of this.#changed.values()) delta.clearEligibleReplicas();
  }

  apply(): TopicsImage {
    let topics = this.base;
    for (const topic of this.#deleted.values()) topics = topics.without(topic);
    for (const delta of this.#changed.values()) topics = topics.with(delta.apply());
    return topics;
  }

  #of(id: string): TopicDelta {
    const known = this.#changed.get(id);
    if (known !== undefined) return known;
    const base = this.base.byId.get(id);
    assert(base !== undefined && !this.#deleted.has(id), `a record of topic ${id}, which does not exist`);
    const delta = new TopicDelta(base.name, id, base);
    this.#changed.set(id, delta);
    return delta;
  }
}
