// How many of a group have subscribed to each topic, by its name and by a regular expression that matches it (Kafka:
// SubscriptionCount, ModernGroup.subscribedTopicNames).
import { assert } from '../../runtime/index.ts';

interface Subscribers {
  /** Members that name the topic. */
  readonly byName: number;
  /** Expressions that match it, however many members have them. */
  readonly byRegex: number;
}

const NOBODY: Subscribers = { byName: 0, byRegex: 0 };

export class SubscribedTopics {
  readonly #subscribers: Map<string, Subscribers>;

  private constructor(subscribers: Map<string, Subscribers>) {
    this.#subscribers = subscribers;
  }
  static none(): SubscribedTopics {
    return new SubscribedTopics(new Map());
  }
  /** To be changed without changing this one. */
  copy(): SubscribedTopics {
    return new SubscribedTopics(new Map(this.#subscribers));
  }

  get names(): MapIterator<string> {
    return this.#subscribers.keys();
  }
  has(name: string): boolean {
    return this.#subscribers.has(name);
  }

  /** A member comes (1) or goes (-1) that names the topics. */
  countByName(names: Iterable<string>, change: 1 | -1): void {
    for (const name of names) this.#count(name, change, 0);
  }
  /** An expression comes or goes that matches the topics. */
  countByRegex(names: Iterable<string>, change: 1 | -1): void {
    for (const name of names) this.#count(name, 0, change);
  }

  #count(name: string, byName: number, byRegex: number): void {
    const known = this.#subscribers.get(name) ?? NOBODY;
    const now = { byName: known.byName + byName, byRegex: known.byRegex + byRegex };
    assert(now.byName >= 0 && now.byRegex >= 0, 'a topic does not lose more subscribers than it has');
    if (now.byName + now.byRegex === 0) this.#subscribers.delete(name);
    else this.#subscribers.set(name, now);
  }

  /** All members have subscribed to the same topics, by their names. */
  areNamedByAll(memberCount: number): boolean {
    for (const { byName } of this.#subscribers.values()) if (byName !== memberCount) return false;
    return true;
  }
  /** Nobody names a topic, and there is one expression. */
  areMatchedByOne(): boolean {
    for (const { byName, byRegex } of this.#subscribers.values()) if (byName > 0 || byRegex !== 1) return false;
    return true;
  }
}
