// kafkajs's admin over ours: its names, shapes and texts.
import { Errors } from '../../protocol/index.ts';
import { delay } from '../../runtime/index.ts';
import { Admin, valueOf } from '../admin/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { ClientError } from '../errors.ts';
import { KafkaJsConfigs } from './admin-configs.ts';
import {
  asKafkaJs,
  KafkaJSAggregateError,
  KafkaJSDeleteGroupsError,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSProtocolError,
} from './errors.ts';
import { describeAsKafkaJs } from './groups.ts';
import type { Listeners } from './listeners.ts';

export const ADMIN_EVENTS = { CONNECT: 'admin.connect', DISCONNECT: 'admin.disconnect' } as const;

export interface TopicConfig {
  readonly topic: string;
  readonly numPartitions?: number;
  readonly replicationFactor?: number;
  readonly replicaAssignment?: readonly { readonly partition: number; readonly replicas: readonly number[] }[];
  readonly configEntries?: readonly { readonly name: string; readonly value: string }[];
}

export interface SeekEntry {
  readonly partition: number;
  readonly offset: string;
}

const LEADERS_AFTER_MS = 100;

export class KafkaJsAdmin extends KafkaJsConfigs {
  readonly events = ADMIN_EVENTS;
  readonly #open: () => Promise<ClusterClient>;
  readonly #listeners: Listeners;
  #client: ClusterClient | undefined;

  constructor(open: () => Promise<ClusterClient>, listeners: Listeners) {
    super();
    this.#open = open;
    this.#listeners = listeners;
  }

  on(event: string, listener: (event: never) => unknown): () => void {
    return this.#listeners.on(event, listener);
  }

  async connect(): Promise<void> {
    this.#client ??= await this.#open();
    this.#listeners.tell(ADMIN_EVENTS.CONNECT, {});
  }

  async disconnect(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
    this.#listeners.tell(ADMIN_EVENTS.DISCONNECT, {});
  }

  async listTopics(): Promise<string[]> {
    return (await this.ask((admin) => admin.listTopics({ includeInternal: true }))).map(({ name }) => name);
  }

  /** false: one of them was there already. */
  async createTopics(what: {
    readonly topics: readonly TopicConfig[];
    readonly validateOnly?: boolean;
    readonly waitForLeaders?: boolean;
    readonly timeout?: number;
  }): Promise<boolean> {
    const { topics, validateOnly = false, waitForLeaders = true } = what;
    const wanted = topics.map(({ topic, numPartitions, replicationFactor, replicaAssignment, configEntries = [] }) => ({
      name: topic,
      ...(numPartitions !== undefined && numPartitions > 0 && { partitions: numPartitions }),
      ...(replicationFactor !== undefined && replicationFactor > 0 && { replicationFactor }),
      ...(replicaAssignment !== undefined && {
        assignments: Object.fromEntries(replicaAssignment.map(({ partition, replicas }) => [partition, replicas])),
      }),
      configs: Object.fromEntries(configEntries.map(({ name, value }) => [name, value])),
    }));
    const outcomes = await this.ask((admin) => admin.createTopics(wanted, { validateOnly }));
    const failed = [...outcomes.values()].filter((one) => one instanceof ClientError);
    if (failed.some(({ code }) => code === 'TOPIC_ALREADY_EXISTS')) return false;
    if (failed.length > 0) {
      throw new KafkaJSAggregateError(
        'Topic creation errors',
        failed.map((one) => new KafkaJSProtocolError(one)),
      );
    }
    if (waitForLeaders && !validateOnly) await this.#untilLed(topics.map(({ topic }) => topic));
    return true;
  }

  async deleteTopics({ topics }: { readonly topics: readonly string[]; readonly timeout?: number }): Promise<void> {
    const outcomes = await this.ask((admin) => admin.deleteTopics(topics));
    await asKafkaJs(Promise.all([...outcomes.values()].map(async (one) => valueOf(one))));
  }

  async createPartitions(what: {
    readonly topicPartitions: readonly {
      readonly topic: string;
      readonly count: number;
      readonly assignments?: readonly (readonly number[])[];
    }[];
    readonly validateOnly?: boolean;
  }): Promise<void> {
    const wanted = what.topicPartitions.map(({ topic, count, assignments }) => [
      topic,
      { totalCount: count, ...(assignments !== undefined && { assignments }) },
    ]);
    const how = { validateOnly: what.validateOnly ?? false };
    const outcomes = await this.ask((admin) => admin.createPartitions(Object.fromEntries(wanted), how));
    for (const one of outcomes.values()) {
      if (!(one instanceof ClientError)) continue;
      // kafkajs has a text of its own for this code.
      if (one.code === 'INVALID_PARTITIONS')
        throw new KafkaJSError('Number of partitions is invalid', { retriable: false });
      throw new KafkaJSProtocolError(one);
    }
  }

  async fetchTopicMetadata({ topics }: { readonly topics?: readonly string[] } = {}) {
    const names = topics ?? (await this.listTopics());
    const found = await this.ask((admin) => admin.describeTopics(names));
    return {
      topics: await asKafkaJs(
        Promise.all(
          [...found.values()].map(async (outcome) => {
            const { name, partitions } = valueOf(outcome);
            return { name, partitions: partitions.map(partitionOf) };
          }),
        ),
      ),
    };
  }

  async fetchTopicOffsets(topic: string) {
    const [high, low] = [await this.#offsets(topic, 'latest'), await this.#offsets(topic, 'earliest')];
    return [...high].map(([partition, offset]) => {
      const text = String(offset);
      return { partition, offset: text, high: text, low: String(low.get(partition) ?? 0) };
    });
  }

  /** The end where nothing is as late. */
  async fetchTopicOffsetsByTimestamp(topic: string, timestamp?: number): Promise<SeekEntry[]> {
    const ends = await this.#offsets(topic, 'latest');
    const found = timestamp === undefined ? ends : await this.#offsets(topic, { timestamp });
    return [...ends].map(([partition, end]) => {
      const offset = found.get(partition) ?? -1;
      return { partition, offset: String(offset < 0 ? end : offset) };
    });
  }

  async deleteTopicRecords(what: { readonly topic: string; readonly partitions: readonly SeekEntry[] }): Promise<void> {
    const places = what.partitions.map(({ partition, offset }) => ({
      topic: what.topic,
      partition,
      beforeOffset: Number(offset),
    }));
    const outcomes = await this.ask((admin) => admin.deleteRecords(places));
    await asKafkaJs(Promise.all(outcomes.map(async ({ result }) => valueOf(result))));
  }

  async describeCluster() {
    const { nodes, controllerId, clusterId } = await this.ask((admin) => admin.describeCluster());
    const brokers = nodes.map(({ id, host, port }) => ({ nodeId: id, host, port }));
    return { brokers, controller: controllerId ?? null, clusterId: clusterId ?? '' };
  }

  async listGroups() {
    const { groups } = await this.ask((admin) => admin.listGroups());
    return { groups: groups.map(({ groupId, protocol }) => ({ groupId, protocolType: protocol })) };
  }

  async describeGroups(groupIds: readonly string[]) {
    const client = this.#connected();
    return { groups: await Promise.all(groupIds.map((groupId) => describeAsKafkaJs(client, groupId))) };
  }

  async deleteGroups(groupIds: readonly string[]) {
    const outcomes = await this.ask((admin) => admin.deleteConsumerGroups(groupIds));
    const results = [...outcomes].map(([groupId, outcome]) =>
      outcome instanceof ClientError
        ? {
            groupId,
            errorCode: Errors[outcome.code ?? 'UNKNOWN_SERVER_ERROR'],
            error: new KafkaJSProtocolError(outcome),
          }
        : { groupId, errorCode: 0 },
    );
    const failed = results.filter((one) => 'error' in one);
    if (failed.length > 0) throw new KafkaJSDeleteGroupsError('Error in DeleteGroups', failed as never);
    return results;
  }

  async fetchOffsets(what: {
    readonly groupId: string;
    readonly topics?: readonly string[];
    readonly resolveOffsets?: boolean;
  }) {
    const { groupId, topics, resolveOffsets = false } = what;
    const partitions =
      topics === undefined ? undefined : (await Promise.all(topics.map((one) => this.#places(one)))).flat();
    const asked = { groupId, ...(partitions !== undefined && { partitions }) };
    const outcomes = await this.ask((admin) => admin.listConsumerGroupOffsets([asked]));
    const found = new Map<string, { partition: number; offset: string; metadata: string | null }[]>();
    for (const { topic, partition, result } of await asKafkaJs(
      Promise.resolve(outcomes.get(groupId)).then((one) => valueOf(one ?? [])),
    )) {
      const committed = await asKafkaJs(Promise.resolve(result).then(valueOf));
      const entry = { partition, offset: String(committed?.offset ?? -1), metadata: committed?.metadata ?? null };
      found.set(topic, [...(found.get(topic) ?? []), entry]);
    }
    if (resolveOffsets) await this.#resolve(found);
    return [...found].map(([topic, entries]) => ({ topic, partitions: entries }));
  }

  async setOffsets(what: {
    readonly groupId: string;
    readonly topic: string;
    readonly partitions: readonly SeekEntry[];
  }) {
    const { groupId, topic, partitions } = what;
    const { state } = await describeAsKafkaJs(this.#connected(), groupId);
    if (state !== 'Empty' && state !== 'Dead') {
      throw new KafkaJSNonRetriableError(`The consumer group must have no running instances, current state: ${state}`);
    }
    const offsets = partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }));
    const outcomes = await this.ask((admin) => admin.alterConsumerGroupOffsets(groupId, offsets));
    await asKafkaJs(Promise.all(outcomes.map(async ({ result }) => valueOf(result))));
  }

  /** -1 and -2 stand for the end and the beginning, as kafkajs commits them. */
  async resetOffsets(what: {
    readonly groupId: string;
    readonly topic: string;
    readonly earliest?: boolean;
  }): Promise<void> {
    const { groupId, topic, earliest = false } = what;
    const offsets = await this.#offsets(topic, earliest ? 'earliest' : 'latest');
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await this.setOffsets({ groupId, topic, partitions });
  }

  async alterPartitionReassignments(what: {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitionAssignment: readonly { readonly partition: number; readonly replicas: readonly number[] }[];
    }[];
  }): Promise<void> {
    const wanted = what.topics.flatMap(({ topic, partitionAssignment }) =>
      partitionAssignment.map(({ partition, replicas }) => ({ topic, partition, replicas })),
    );
    const outcomes = await this.ask((admin) => admin.alterPartitionReassignments(wanted));
    await asKafkaJs(Promise.all(outcomes.map(async ({ result }) => valueOf(result))));
  }

  protected async ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return asKafkaJs(work(new Admin({ client: this.#connected() })));
  }

  async #places(topic: string): Promise<{ topic: string; partition: number }[]> {
    const found = await this.ask((admin) => admin.describeTopics([topic]));
    const { partitions } = await asKafkaJs(Promise.resolve(found.get(topic)).then((one) => valueOf(one as never)));
    return (partitions as readonly { readonly partition: number }[]).map(({ partition }) => ({ topic, partition }));
  }

  async #offsets(
    topic: string,
    spec: 'latest' | 'earliest' | { readonly timestamp: number },
  ): Promise<Map<number, number>> {
    const places = (await this.#places(topic)).map((place) => ({ ...place, spec }));
    const listed = await this.ask((admin) => admin.listOffsets(places));
    const found = await asKafkaJs(
      Promise.all(listed.map(async ({ partition, result }) => [partition, valueOf(result).offset] as const)),
    );
    return new Map(found);
  }

  async #resolve(found: ReadonlyMap<string, { partition: number; offset: string }[]>): Promise<void> {
    for (const [topic, entries] of found) {
      const [low, high] = [await this.#offsets(topic, 'earliest'), await this.#offsets(topic, 'latest')];
      for (const entry of entries) {
        const offset = Number(entry.offset);
        const least = low.get(entry.partition) ?? 0;
        if (offset < least) entry.offset = String(offset === -1 ? (high.get(entry.partition) ?? 0) : least);
      }
    }
  }

  async #untilLed(topics: readonly string[]): Promise<void> {
    const { clock, limits } = this.#connected();
    const deadlineMs = clock.monotonicMs() + limits.apiTimeoutMs;
    while (clock.monotonicMs() < deadlineMs) {
      const found = await this.ask((admin) => admin.describeTopics(topics));
      const isLed = [...found.values()].every(
        (one) => !(one instanceof ClientError) && one.partitions.every(({ leader }) => leader !== undefined),
      );
      if (isLed) return;
      await delay(clock, LEADERS_AFTER_MS);
    }
  }

  #connected(): ClusterClient {
    if (this.#client === undefined) throw new KafkaJSNonRetriableError('The admin client is disconnected');
    return this.#client;
  }
}

interface DescribedPartition {
  readonly partition: number;
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offlineReplicas: readonly number[];
}

function partitionOf({ partition, leader, replicas, isr, offlineReplicas }: DescribedPartition) {
  return { partitionErrorCode: 0, partitionId: partition, leader: leader ?? -1, replicas, isr, offlineReplicas };
}
