// What all clients of one application share: connections, what is known of topics and coordinators, and patience. Producers and
// consumers are made from it; operations of administration are asked through it.
import {
  type ApiSchema,
  type AskOptions,
  type Channel,
  type DecodedResponseOf,
  type ErrorCode,
  Errors,
  type Fields,
  KafkaError,
  type Question,
  type ValueOf,
} from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../protocol/messages/10-find-coordinator.ts';
import { ApiVersions } from '../../protocol/messages/18-api-versions.ts';
import { type Clock, delay } from '../../runtime/index.ts';
import { isWorthAnother } from '../errors.ts';
import { type ClientConfig, type ClientLimits, type ClientRuntime, SOFTWARE } from './client-options.ts';
import type { KafkaKeys } from './kafka-keys.ts';
import { Connections, type KnownBroker } from './connections.ts';
import { type ResolvedClient, resolveConfig } from './resolve-config.ts';
import { type Leader, type NamedLeader, TopicsView } from './topics-view.ts';

export type CoordinatorKind = 'group' | 'transaction';

/** What an answer says of a partition that its broker does not lead. */
export interface LeaderHint {
  readonly topic: string;
  readonly partition: number;
  readonly currentLeader: NamedLeader;
  readonly nodeEndpoints: readonly KnownBroker[];
}

/** FindCoordinator takes several keys from this version on (KIP-699). */
const SEVERAL_COORDINATORS = 4;

const KEY_TYPES: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 };

export class ClusterClient {
  readonly clock: Clock;
  readonly random: ClientRuntime['random'];
  readonly limits: ClientLimits;
  readonly logger: ClientRuntime['logger'];
  /** Kafka's own keys, as the program gave them. */
  readonly configs: NonNullable<ClientConfig['config']>;
  readonly topics: TopicsView;
  /** Kafka's keys as they were given, for producers and consumers of this client. */
  readonly keys: KafkaKeys;
  readonly #connections: Connections;
  readonly #config: ClientConfig;
  readonly #options: ResolvedClient;
  /**
   * Of all that are apart of each other: a coordinator that was paused and is none any more, found by the one, would tell the offsets of
   * before to a member that the other has at the coordinator of now.
   */
  #coordinators = new Map<string, number>();
  /** Those that are apart of each other, this one among them: what one finds they all find. */
  #family: Set<ClusterClient> = new Set([this]);
  #controllerId: number | undefined;
  readonly #apart = new Set<ClusterClient>();
  #leave: () => unknown = () => undefined;
  #isClosed = false;

  /** Throws Error that says what is wrong with which key. Connects when there is something to ask. */
  constructor(config: ClientConfig, options: ResolvedClient = resolveConfig(config)) {
    this.#config = config;
    this.#options = options;
    this.clock = options.runtime.clock;
    this.random = options.runtime.random;
    this.limits = options.limits;
    this.keys = options.keys;
    this.logger = options.runtime.logger;
    this.configs = config.config ?? {};
    this.#connections = new Connections(options);
    const { clock, limits } = this;
    this.topics = new TopicsView({
      clock,
      maxAgeMs: limits.metadataMaxAgeMs,
      ask: (topics, mayCreate) => this.#askTopics(topics, mayCreate),
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends everything that is under way with an error. Resolves when no connection is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
    await Promise.all([this.#connections.close(), ...[...this.#apart].map((client) => client.close())]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Another one of the same kind with connections of its own, which is closed with this one: a broker answers in order, so what
   * waits long (a fetch, a join) must not stand before what others ask.
   */
  apart(): ClusterClient {
    const client = new ClusterClient(this.#config, this.#options);
    client.#coordinators = this.#coordinators;
    client.#family = this.#family.add(client);
    this.#apart.add(client);
    // One that is closed before is nobody's business any more.
    client.#leave = () => this.#apart.delete(client) && this.#family.delete(client);
    if (this.#isClosed) void client.close();
    return client;
  }

  /** One try, at any broker. Rejects with KafkaError. */
  askAny<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions = {},
  ): Promise<ValueOf<S>> {
    return this.#ask(this.#connections.any(), api, request, how);
  }

  /** One try, at this broker. Rejects with KafkaError. */
  askNode<Q extends Fields, S extends Fields>(
    nodeId: number,
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions = {},
  ): Promise<ValueOf<S>> {
    const channel = this.#connections.to(nodeId);
    if (channel === undefined) return Promise.reject(new KafkaError(Errors.BROKER_NOT_AVAILABLE));
    return this.#ask(channel, api, request, how);
  }

  /** As `askNode` for what has no answer (Produce with acks=0): resolves when it has been handed to the connection. */
  tellNode<Q extends Fields, S extends Fields>(
    nodeId: number,
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions = {},
  ): Promise<undefined> {
    const channel = this.#connections.to(nodeId);
    if (channel === undefined) return Promise.reject(new KafkaError(Errors.BROKER_NOT_AVAILABLE));
    return channel.tell(api, request, how);
  }

  /**
   * One try, at the controller: under KRaft the metadata names a broker that forwards to it, before that the controller itself.
   * Rejects with KafkaError; behind NOT_CONTROLLER in an answer call `forgetController`.
   */
  async askController<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions = {},
  ): Promise<ValueOf<S>> {
    if (this.#controllerId === undefined || this.#connections.to(this.#controllerId) === undefined) {
      await this.#askTopics([]);
    }
    const nodeId = this.#controllerId;
    if (nodeId === undefined || nodeId < 0) throw new KafkaError(Errors.BROKER_NOT_AVAILABLE, 'no controller is known');
    try {
      return await this.askNode(nodeId, api, request, how);
    } catch (error) {
      this.forgetController();
      throw error;
    }
  }

  forgetController(): void {
    this.#controllerId = undefined;
  }

  /** One try, at the coordinator of `key`, whom it finds first. Rejects with KafkaError. */
  async askCoordinator<Q extends Fields, S extends Fields>(
    kind: CoordinatorKind,
    key: string,
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions = {},
  ): Promise<ValueOf<S>> {
    const nodeId = await this.#coordinatorOf(kind, key);
    try {
      return await this.askNode(nodeId, api, request, how);
    } catch (error) {
      // It may have gone for good: the next try looks for another one.
      this.forgetCoordinator(kind, key);
      throw error;
    }
  }

  /** These are the brokers of the cluster now: for whoever has asked for them in another way. */
  learnBrokers(brokers: readonly KnownBroker[]): void {
    this.#connections.learn(brokers);
  }

  /** This broker is there, whether the metadata tells of it or not. */
  learnBroker(broker: KnownBroker): void {
    this.#connections.add(broker);
  }

  /**
   * `askedId` does not lead the partition, and says who does and where that is (KIP-951). False: it has not said so, or what it
   * said is older than what is known.
   */
  learnLeader(askedId: number, { topic, partition, currentLeader, nodeEndpoints }: LeaderHint): boolean {
    const { leaderId } = currentLeader;
    if (leaderId < 0 || leaderId === askedId) return false;
    const endpoint = nodeEndpoints.find(({ nodeId }) => nodeId === leaderId);
    if (endpoint === undefined && this.#connections.to(leaderId) === undefined) return false;
    if (!this.topics.learnLeader(topic, partition, currentLeader)) return false;
    if (endpoint !== undefined) this.#connections.add(endpoint);
    return true;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind} ${key}`);
  }

  /** Who leads the partition: asked for as long as `apiTimeoutMs` when nobody does. Rejects with KafkaError. */
  leaderOf(topic: string, partition: number, deadlineMs = this.deadlineIn(this.limits.apiTimeoutMs)): Promise<Leader> {
    return this.retrying(deadlineMs, async () => {
      const known = this.topics.leaderOf(topic, partition);
      if (known !== undefined) return known;
      await this.topics.refresh([topic]);
      const found = this.topics.leaderOf(topic, partition);
      if (found === undefined) throw new KafkaError(this.topics.errorOf(topic) ?? Errors.LEADER_NOT_AVAILABLE);
      return found;
    });
  }

  /** On the monotonic clock. */
  deadlineIn(durationMs: number): number {
    return this.clock.monotonicMs() + durationMs;
  }

  /**
   * Tries until it succeeds, fails for good, or the deadline (on the monotonic clock) is over; pauses get longer. The error
   * of the last try comes back.
   */
  async retrying<T>(deadlineMs: number, attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        const canTryAgain = error instanceof KafkaError && isWorthAnother(error.code) && !this.#isClosed;
        if (!canTryAgain || this.clock.monotonicMs() >= deadlineMs) throw error;
      }
      await this.pause(failures);
    }
  }

  /** Before something that has failed so many times is tried again. */
  pause(failures: number): Promise<void> {
    return delay(this.clock, this.backoffMs(failures));
  }

  /** Longer with each failure, and never quite the same. */
  backoffMs(failures: number): number {
    const { firstBackoffMs, longestBackoffMs } = this.limits;
    const exactMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures - 1, 16));
    return exactMs * (0.8 + 0.4 * this.random.next());
  }

  /** The finalized level of a feature; 0 when the cluster has none. Rejects with KafkaError. */
  async featureLevel(name: string): Promise<number> {
    const { finalizedFeatures } = await this.retrying(this.deadlineIn(this.limits.apiTimeoutMs), () =>
      this.askAny(ApiVersions, { clientSoftwareName: SOFTWARE.name, clientSoftwareVersion: SOFTWARE.version }),
    );
    return finalizedFeatures.find((feature) => feature.name === name)?.maxVersionLevel ?? 0;
  }

  async #coordinatorOf(kind: CoordinatorKind, key: string): Promise<number> {
    const known = this.#coordinators.get(`${kind} ${key}`);
    if (known !== undefined && this.#connections.to(known) !== undefined) return known;
    const keyType = KEY_TYPES[kind];
    const answer = await this.askAny(FindCoordinator, (version) =>
      version < SEVERAL_COORDINATORS ? { key, keyType } : { keyType, coordinatorKeys: [key] },
    );
    // Before KIP-699 the one coordinator stands in the answer itself.
    const found = answer.coordinators[0] ?? answer;
    throwIfFailed(found.errorCode);
    for (const one of this.#family) one.#connections.add(found);
    this.#coordinators.set(`${kind} ${key}`, found.nodeId);
    return found.nodeId;
  }

  async #askTopics(topics: readonly string[], mayCreate = false): Promise<DecodedResponseOf<typeof Metadata>> {
    const named = topics.map((name) => ({ name }));
    const answer = await this.askAny(Metadata, { topics: named, allowAutoTopicCreation: mayCreate });
    if (answer.brokers.length > 0) this.#connections.learn(answer.brokers);
    this.#controllerId = answer.controllerId;
    return answer;
  }

  #ask<Q extends Fields, S extends Fields>(
    channel: Channel,
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    how: AskOptions,
  ): Promise<ValueOf<S>> {
    return channel.ask(api, request, how);
  }
}

/** Throws KafkaError when the code is one of a failure. */
export function throwIfFailed(code: number): void {
  if (code !== Errors.NONE) throw new KafkaError(code as ErrorCode);
}
