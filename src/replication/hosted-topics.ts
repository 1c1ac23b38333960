// The topics that have partitions on this node, by name and by id.
import { assert } from '../runtime/index.ts';
import type { Partition } from './partition.ts';

export interface HostedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: (Partition | undefined)[];
  /** Partitions whose log could not be opened or made. true: its directory has failed, and nothing is tried until the next start. */
  readonly offline: Map<number, boolean>;
  /** Partitions of which the start found no log, because their directory is not in use. */
  readonly elsewhere: Set<number>;
}

export class HostedTopics {
  readonly #byName = new Map<string, HostedTopic>();
  readonly #byId = new Map<string, HostedTopic>();

  named(name: string): HostedTopic | undefined {
    return this.#byName.get(name);
  }
  withId(id: string): HostedTopic | undefined {
    return this.#byId.get(id);
  }
  all(): Iterable<HostedTopic> {
    return this.#byName.values();
  }

  *partitions(): Generator<Partition> {
    for (const topic of this.#byName.values()) {
      for (const partition of topic.partitions) if (partition !== undefined) yield partition;
    }
  }

  /** Makes it when it is not there. */
  topic(name: string, id: string): HostedTopic {
    let topic = this.#byId.get(id);
    if (topic === undefined) {
      assert(!this.#byName.has(name), 'the topic that had the name before has been removed');
      topic = { name, id, partitions: [], offline: new Map(), elsewhere: new Set() };
      this.#byId.set(id, topic);
      this.#byName.set(name, topic);
    }
    assert(topic.name === name, 'a topic keeps its name');
    return topic;
  }

  remove(topic: HostedTopic): void {
    this.#byId.delete(topic.id);
    if (this.#byName.get(topic.name) === topic) this.#byName.delete(topic.name);
  }
}
