// The partitions of this node: kept in step with the metadata as one of its publishers, looked up by name or id with the
// error code that belongs to each way of missing, and the ground on which fetches run (Kafka: ReplicaManager).
import { Errors, type Peers } from '../protocol/index.ts';
import {
  assert,
  type Clock,
  type Counter,
  type Disk,
  DiskError,
  type Logger,
  type Metrics,
  type Random,
} from '../runtime/index.ts';
import { type DirectoryFailure, type LogManager, SlicedWork, type TopicLogConfig } from '../log/index.ts';
import {
  deltaFromNothing,
  type MetadataDelta,
  MetadataImage,
  type MetadataPublisher,
  type PartitionImage,
  RESOURCE_BROKER,
  RESOURCE_TOPIC,
  hasCordonedDirectories,
} from '../kraft/metadata/index.ts';
import type { FetchEnvironment } from './fetching/delayed-fetch.ts';
import { FetchSessionCache } from './fetching/fetch-session.ts';
import { type HostedTopic, HostedTopics } from './hosted-topics.ts';
import { Neighbours, type ReplicaController, type ThrottledRates } from './neighbours.ts';
import type { Partition } from './partition.ts';
import { PartitionOpening } from './partition-opening.ts';
import { Purgatory } from './purgatory.ts';
import type { ReplicationConfig } from './replication-config.ts';
import type { ReplicationQuota } from './replication-quota.ts';
import { readReplicaFor } from './read-replica.ts';
import { type ReplicaSelector, selectorOf } from './replica-selectors.ts';
import { ReadBuffers } from './fetching/read-buffers.ts';
import { type DirectoryOptions, ReplicaDirectories } from './directories/replica-directories.ts';
import { ResponseMemory } from './fetching/response-memory.ts';
import { setStraysAside } from './stray-replicas.ts';

export interface ReplicaManagerOptions {
  readonly runtime: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly metrics: Metrics;
    readonly disk: Disk;
  };
  readonly nodeId: number;
  readonly config: ReplicationConfig;
  readonly logManager: LogManager;
  readonly directories?: DirectoryOptions;
  /** The other brokers of the cluster; left out where there are none. */
  readonly peers?: Peers;
  readonly controller?: ReplicaController;
  /** How fast throttled replicas go; left out, as fast as they can. */
  readonly throttledRates?: ThrottledRates;
  /** The effective log configs of a topic, as `image` says. */
  readonly topicLogConfig: (topic: string, image: MetadataImage) => TopicLogConfig;
  /** Overwrite read buffers when they are given back, so that tests find who still uses one. */
  readonly poisonBuffers?: boolean | undefined;
  /** Bytes of responses that have been made and not been taken by the network yet; 0 when it is left out. */
  readonly unsentBytes?: () => number;
}

/** After so many it is looked whether the event loop is due a turn: fewer are followed in the turn in which they are published. */
const PARTITIONS_PER_STEP = 50;

export class ReplicaManager implements MetadataPublisher, FetchEnvironment {
  readonly name = 'replica-manager';
  readonly nodeId: number;
  readonly clock: Clock;
  readonly purgatory: Purgatory;
  readonly memory: ResponseMemory;
  readonly readBuffers: ReadBuffers;
  readonly sessions: FetchSessionCache;
  readonly disk: Disk;
  readonly logManager: LogManager;
  readonly bytesIn: Counter;
  readonly bytesOut: Counter;
  readonly #options: ReplicaManagerOptions;
  readonly #logger: Logger;
  readonly #hosted = new HostedTopics();
  readonly replicaDirectories: ReplicaDirectories;
  readonly #neighbours: Neighbours;
  readonly #select: ReplicaSelector | undefined;
  #config: ReplicationConfig;
  #image: MetadataImage = MetadataImage.empty;
  readonly #opening: PartitionOpening;
  #isStarted = false;
  /** Partitions are being opened: what is published meanwhile waits. */
  #starting: Promise<void> | undefined;

  constructor(options: ReplicaManagerOptions) {
    const { nodeId, config, logManager } = options;
    const { clock, random, metrics } = options.runtime;
    this.#options = options;
    this.#logger = options.runtime.logger.child('replica-manager');
    const self = { nodeId, clock, logger: this.#logger };
    this.nodeId = nodeId;
    this.clock = clock;
    this.#config = config;
    this.#select = selectorOf(config.replicaSelectorClass);
    this.disk = options.runtime.disk;
    this.logManager = logManager;
    this.purgatory = new Purgatory(clock);
    this.readBuffers = new ReadBuffers(options.poisonBuffers);
    this.memory = new ResponseMemory(config.fetchMemoryBytes, options.unsentBytes ?? (() => 0));
    const slots = config.maxIncrementalFetchSessionCacheSlots;
    this.sessions = new FetchSessionCache(slots, clock, random, () => this.#neighbours.liveMs());
    this.bytesIn = metrics.counter('BytesInPerSec');
    this.bytesOut = metrics.counter('BytesOutPerSec');
    this.replicaDirectories = new ReplicaDirectories({
      ...self,
      logManager,
      directories: options.directories,
      backoffMs: config.replicaFetchBackoffMs,
      topicIdOf: (topic) => this.#hosted.named(topic)?.id,
    });
    this.#neighbours = new Neighbours({
      ...self,
      config: () => this.#config,
      peers: options.peers,
      controller: options.controller,
      image: () => this.#image,
      partitions: () => this.partitions(),
      rates: options.throttledRates,
    });
    this.#opening = new PartitionOpening({
      nodeId,
      logManager,
      directories: this.replicaDirectories,
      cluster: this.#neighbours,
      topicLogConfig: (topic) => options.topicLogConfig(topic, this.#image),
    });
  }

  /** Whether the metadata can hold that a log directory is cordoned (KIP-1066). */
  get canCordon(): boolean {
    return hasCordonedDirectories(this.#image.features.metadataVersion);
  }
  /** For fetches of followers. */
  get leaderQuota(): ReplicationQuota {
    return this.#neighbours.leaderQuota;
  }
  get config(): ReplicationConfig {
    return this.#config;
  }
  updateConfig(config: ReplicationConfig): void {
    this.#config = config;
    this.#neighbours.configChanged();
  }

  /** The metadata that the partitions here are in step with. */
  get image(): MetadataImage {
    return this.#image;
  }

  partition(topic: string, index: number): Partition | undefined {
    return this.#hosted.named(topic)?.partitions[index];
  }
  partitionById(topicId: string, index: number): Partition | undefined {
    return this.#hosted.withId(topicId)?.partitions[index];
  }
  topicNameOf(topicId: string): string | undefined {
    return this.#image.topics.byId.get(topicId)?.name;
  }
  isKnown(topic: string, index: number): boolean {
    return this.#image.topics.byName.get(topic)?.partitions[index] !== undefined;
  }
  partitions(): Generator<Partition> {
    return this.#hosted.partitions();
  }

  isOffline(topic: string, index: number): boolean {
    return this.#hosted.named(topic)?.offline.has(index) === true;
  }

  /** Why `partition(topic, index)` gave nothing: KAFKA_STORAGE_ERROR, NOT_LEADER_OR_FOLLOWER or UNKNOWN_TOPIC_OR_PARTITION. */
  missingError(topic: string, index: number): number {
    if (this.isOffline(topic, index)) return Errors.KAFKA_STORAGE_ERROR;
    return this.isKnown(topic, index) ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }

  /** Leader and epoch as the metadata says, for KIP-951's hints; undefined for what does not exist. */
  leaderOf(topic: string, index: number): { leaderId: number; leaderEpoch: number } | undefined {
    const partition = this.#image.topics.byName.get(topic)?.partitions[index];
    return partition && { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }

  /** How a consumer in `rack` is told where it had better read (KIP-392); undefined: nobody is sent elsewhere. */
  readReplicaFor(rack: string): ((partition: Partition, offset: number) => number) | undefined {
    const select = this.#select;
    if (select === undefined || rack === '') return undefined;
    const parts = { select, cluster: this.#neighbours, localId: this.nodeId };
    return (partition, offset) => readReplicaFor(partition, offset, rack, parts);
  }

  /** What takes long is done in slices; the promise says when it is over. */
  publish(delta: MetadataDelta, image: MetadataImage): void | Promise<void> {
    this.#image = image;
    if (!this.#isStarted) return undefined;
    const follow = (): void | Promise<void> => this.#inSlices(this.#follow(delta));
    return this.#starting === undefined ? follow() : this.#starting.then(follow);
  }

  /**
   * Opens this node's partitions as the image of now says, and follows every later one. Call it once, when the metadata
   * log of this start has been published to its end: what an older image does not know would be taken for deleted.
   * It is over when it returns, or where there is much to open, when the promise resolves.
   */
  start(): void | Promise<void> {
    assert(!this.#isStarted, 'the replica manager starts once');
    this.#isStarted = true;
    const starting = this.#inSlices(this.#openAll(this.#image));
    if (starting !== undefined) this.#starting = starting.finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  *#openAll(image: MetadataImage): Generator<void, void, void> {
    this.#opening.isStarting = true;
    yield* this.#follow(deltaFromNothing(image));
    this.#opening.isStarting = false;
    this.replicaDirectories.tellOfMissing(this.#elsewhere(image));
    setStraysAside(this.logManager, image, this.nodeId, this.#logger);
    this.#resumeMoves(image);
  }

  #inSlices(work: Generator<void, void, void>): void | Promise<void> {
    return new SlicedWork(this.clock).begin(work);
  }

  *#follow(delta: MetadataDelta): Generator<void, void, void> {
    let count = 0;
    for (const { id } of delta.deletedTopics.values()) {
      const hosted = this.#hosted.withId(id);
      if (hosted === undefined) continue;
      for (let index = 0; index < hosted.partitions.length; index++) {
        this.#removePartition(id, index);
        if (++count % PARTITIONS_PER_STEP === 0) yield;
      }
      this.#hosted.remove(hosted);
    }
    for (const topic of delta.changedTopics.values()) {
      for (const partition of topic.changedPartitions.values()) {
        this.#apply(topic.name, topic.id, partition);
        if (++count % PARTITIONS_PER_STEP === 0) yield;
      }
    }
    this.#neighbours.followBrokers(delta);
    this.#applyConfigs(delta);
  }

  #apply(name: string, id: string, image: PartitionImage): void {
    if (!image.replicas.includes(this.nodeId)) return this.#removePartition(id, image.partition);
    const topic = this.#hosted.topic(name, id);
    if (topic.offline.get(image.partition) === true) return;
    if (this.logManager.isUnusable(name, image.partition)) {
      return this.#setOffline(topic, image.partition, 'its log cannot be opened');
    }
    this.#attempt(topic, image.partition, () => {
      const partition = topic.partitions[image.partition] ?? this.#opening.open(topic, image);
      // Kafka answers NOT_LEADER_OR_FOLLOWER for what its start could not find, and KAFKA_STORAGE_ERROR for what failed since.
      if (partition === undefined) return;
      assert(partition.index === image.partition, 'a partition stands in the place of its number');
      partition.update(image);
      this.#neighbours.update(partition);
      this.replicaDirectories.tell(partition, image, this.#image);
    });
  }

  /** A disk that fails for one partition takes that one offline and no other. */
  #attempt(topic: HostedTopic, index: number, action: () => void): void {
    try {
      action();
      if (topic.partitions[index] !== undefined) topic.offline.delete(index);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      topic.offline.set(index, false);
      const served = topic.partitions[index];
      topic.partitions[index] = undefined;
      if (served !== undefined) this.#forget(served);
      // Who is parked there must not wait for an object that nobody moves any more.
      served?.goOffline();
      const partition = `${topic.name}-${index}`;
      this.#logger.log('error', 'a partition is offline: its log failed', { partition, error: error.message });
    }
  }

  #setOffline(topic: HostedTopic, index: number, reason = 'its log directory has failed'): void {
    topic.offline.set(index, true);
    const partition = topic.partitions[index];
    topic.partitions[index] = undefined;
    partition?.goOffline();
    const fields = { partition: `${topic.name}-${index}` };
    this.#logger.log('error', `a partition is offline: ${reason}`, fields);
  }

  /** A log directory has failed while the broker runs: what lay in it is offline, what was to come there stays. */
  directoryFailed({ logs, futureLogs }: DirectoryFailure): void {
    for (const log of logs) {
      const topic = this.#hosted.named(log.topic);
      const partition = topic?.partitions[log.partition];
      if (topic === undefined || partition === undefined) continue;
      this.#forget(partition);
      this.#setOffline(topic, log.partition);
    }
    for (const log of futureLogs) {
      const partition = this.partition(log.topic, log.partition);
      if (partition !== undefined) this.replicaDirectories.cancelMove(partition);
    }
  }

  *#elsewhere({ topics }: MetadataImage): Generator<{ readonly name: string; readonly image: PartitionImage }> {
    for (const { name, elsewhere } of this.#hosted.all()) {
      for (const index of elsewhere) {
        const image = topics.byName.get(name)?.partitions[index];
        if (image !== undefined) yield { name, image };
      }
    }
  }

  /** Moves that were under way when the last run of the broker ended. */
  #resumeMoves({ topics }: MetadataImage): void {
    for (const future of this.logManager.futureLogs) {
      const partition = this.partition(future.topic, future.partition);
      const image = topics.byName.get(future.topic)?.partitions[future.partition];
      if (partition !== undefined && image !== undefined) this.replicaDirectories.resumeMove(partition, future, image);
    }
  }

  #removePartition(topicId: string, index: number): void {
    const hosted = this.#hosted.withId(topicId);
    const partition = hosted?.partitions[index];
    if (hosted === undefined || partition === undefined) return;
    hosted.partitions[index] = undefined;
    this.#forget(partition);
    this.#deleteLog(hosted.name, index);
    partition.delete();
  }

  #forget(partition: Partition): void {
    this.replicaDirectories.forget(partition);
    this.#neighbours.forget(partition);
  }

  /** Deletes a log; one that cannot be deleted now is a stray at the next start. */
  #deleteLog(topic: string, index: number): void {
    try {
      this.logManager.futureLogs.delete(topic, index);
      this.logManager.deleteLog(topic, index);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const partition = `${topic}-${index}`;
      this.#logger.log('error', 'the log of a deleted partition stays', { partition, error: error.message });
    }
  }

  #applyConfigs(delta: MetadataDelta): void {
    let isWholeNode = false;
    for (const { type, name } of delta.changedConfigs) {
      if (type === RESOURCE_TOPIC) this.#applyTopicConfig(this.#hosted.named(name));
      else if (type === RESOURCE_BROKER && (name === '' || name === String(this.nodeId))) isWholeNode = true;
    }
    if (isWholeNode) for (const topic of this.#hosted.all()) this.#applyTopicConfig(topic);
  }

  #applyTopicConfig(topic: HostedTopic | undefined): void {
    if (topic === undefined) return;
    const { logManager, topicLogConfig } = this.#options;
    logManager.updateTopicConfig(topic.name, topic.partitions.length, topicLogConfig(topic.name, this.#image));
    this.#neighbours.configureTopic(topic.name, this.#image.configs.get(RESOURCE_TOPIC, topic.name));
  }

  /** Ends the waits for records: requests are answered with what there is. */
  endWaits(): void {
    this.purgatory.close();
  }

  /** Ends all waits, with what there is. Logs are closed by who opened them. */
  close(): void {
    this.#neighbours.close();
    this.replicaDirectories.close();
    this.purgatory.close();
  }
}
