// All topics, by name and by id (Kafka: TopicsImage, TopicImage).
import type { PartitionImage } from './partition-image.ts';
import { PersistentMap } from './persistent-map.ts';

export interface TopicImage {
  readonly name: string;
  readonly id: string;
  /** At index i stands partition i. */
  readonly partitions: readonly PartitionImage[];
}

export class TopicsImage {
  static readonly empty = new TopicsImage(PersistentMap.empty(), PersistentMap.empty(), PersistentMap.empty());

  readonly byName: PersistentMap<TopicImage>;
  readonly byId: PersistentMap<TopicImage>;
  /** Names with '.' or '_', by what metrics make of them: such names must not differ by these characters alone. */
  readonly #collisions: PersistentMap<readonly string[]>;

  private constructor(
    byName: PersistentMap<TopicImage>,
    byId: PersistentMap<TopicImage>,
    collisions: PersistentMap<readonly string[]>,
  ) {
    this.byName = byName;
    this.byId = byId;
    this.#collisions = collisions;
  }

  /** A topic under another name that would share its metric name with `name`, or undefined. */
  collidingWith(name: string): string | undefined {
    if (!mayCollide(name)) return undefined;
    return this.#collisions.get(unified(name))?.find((other) => other !== name);
  }

  with(topic: TopicImage): TopicsImage {
    let collisions = this.#collisions;
    if (mayCollide(topic.name) && !this.byName.has(topic.name)) {
      const key = unified(topic.name);
      collisions = collisions.set(key, [...(collisions.get(key) ?? []), topic.name]);
    }
    return new TopicsImage(this.byName.set(topic.name, topic), this.byId.set(topic.id, topic), collisions);
  }

  without(topic: TopicImage): TopicsImage {
    let collisions = this.#collisions;
    if (mayCollide(topic.name)) {
      const key = unified(topic.name);
      const left = (collisions.get(key) ?? []).filter((name) => name !== topic.name);
      collisions = left.length === 0 ? collisions.delete(key) : collisions.set(key, left);
    }
    return new TopicsImage(this.byName.delete(topic.name), this.byId.delete(topic.id), collisions);
  }
}

const mayCollide = (name: string): boolean => name.includes('.') || name.includes('_');
const unified = (name: string): string => name.replaceAll('.', '_');
