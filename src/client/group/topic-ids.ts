// Topics by id and by name, as coordinators of the newer groups speak of them (KIP-516).
import { Errors, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { groupedByTopic } from './assignors/assignor.ts';
import type { GroupPlace } from './membership.ts';

interface TopicOfId {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export class TopicIds {
  readonly #client: ClusterClient;
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** By name, as far as the ids are known or can be found out. Rejects with KafkaError. */
  async named(
    topics: readonly TopicOfId[],
  ): Promise<{ readonly found: readonly GroupPlace[]; readonly isWhole: boolean }> {
    const unknown = topics.filter(({ topicId }) => !this.#names.has(topicId)).map(({ topicId }) => topicId);
    if (unknown.length > 0) await this.#learn(unknown);
    const found: GroupPlace[] = [];
    let isWhole = true;
    for (const { topicId, partitions } of topics) {
      const topic = this.#names.get(topicId);
      if (topic === undefined) isWhole = false;
      else for (const partition of partitions) found.push({ topic, partition });
    }
    return { found, isWhole };
  }

  nameOf(topicId: string): string | undefined {
    return this.#names.get(topicId);
  }

  /** By id; all of them were given to us by id. In an order that does not change. */
  withIds(places: readonly GroupPlace[]): { topicId: string; partitions: number[] }[] {
    const topics = groupedByTopic(places).map(({ topic, partitions }) => ({
      topicId: this.#ids.get(topic) ?? ZERO_UUID,
      partitions: partitions.sort((a, b) => a - b),
    }));
    return topics.sort((a, b) => (a.topicId < b.topicId ? -1 : 1));
  }

  async #learn(ids: readonly string[]): Promise<void> {
    const topics = ids.map((topicId) => ({ topicId, name: null }));
    const answer = await this.#client.askAny(Metadata, { topics, allowAutoTopicCreation: false });
    for (const { topicId, name, errorCode } of answer.topics) {
      if (errorCode !== Errors.NONE || name === null) continue;
      this.#names.set(topicId, name);
      this.#ids.set(name, topicId);
    }
    if (ids.every((id) => !this.#names.has(id))) throw new KafkaError(Errors.UNKNOWN_TOPIC_ID);
  }
}
