// What this node stores of the cluster's records: the logs, the replicas over them, and word to the controller of where each
// replica lies.
import { RESOURCE_TOPIC, type MetadataImage } from '../../kraft/metadata/index.ts';
import {
  type DirectoryFailure,
  type FoundLog,
  logConfig,
  LogManager,
  type TopicLogConfig,
  topicLogConfig,
} from '../../log/index.ts';
import type { Peers } from '../../protocol/index.ts';
import { AlterPartition } from '../../protocol/messages/56-alter-partition.ts';
import { AssignReplicasToDirs } from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import { ReplicaManager, replicationConfig } from '../../replication/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Settings } from '../configs/settings.ts';
import { EarlyEvents } from './early-events.ts';
import type { BrokerLifecycle } from './lifecycle/broker-lifecycle.ts';
import type { MetadataNode } from './metadata-node.ts';
import type { NodeDirectories } from './node-directories.ts';
import { ReplicaAssignments } from './replica-assignments.ts';

export interface StorageNodeOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly configs: BrokerConfigs;
  readonly directories: NodeDirectories;
  readonly metadata: MetadataNode;
  readonly lifecycle: BrokerLifecycle;
  /** The other brokers of the cluster. */
  readonly peers: Peers;
  /** Response bytes that no client has taken yet. */
  readonly unsentBytes: () => number;
  /** How many logs have been opened, of how many. */
  readonly progress: ((done: number, total: number) => void) | undefined;
}

export class StorageNode {
  readonly logs: LogManager;
  readonly replicas: ReplicaManager;
  readonly #assignments: ReplicaAssignments;

  private constructor(logs: LogManager, options: StorageNodeOptions) {
    const { runtime, settings, configs, directories, metadata, lifecycle, peers } = options;
    const { nodeId } = settings.broker;
    this.logs = logs;
    this.#assignments = new ReplicaAssignments({
      clock: runtime.clock,
      logger: runtime.logger.child('replica-manager'),
      send: (byDirectory) =>
        metadata.controller.send(AssignReplicasToDirs, {
          brokerId: nodeId,
          brokerEpoch: lifecycle.brokerEpoch,
          directories: byDirectory,
        }),
    });
    this.replicas = new ReplicaManager({
      runtime,
      nodeId,
      config: configs.current(replicationConfig),
      logManager: logs,
      peers,
      controller: {
        alterPartition: (request) => metadata.controller.send(AlterPartition, request),
        brokerEpoch: () => lifecycle.brokerEpoch,
      },
      directories: {
        ids: directories.ids,
        events: this.#assignments,
        maxMoveBytesPerSecond: () => rateOf(configs, 'replica.alter.log.dirs.io.max.bytes.per.second'),
      },
      throttledRates: {
        leader: () => rateOf(configs, 'leader.replication.throttled.rate'),
        follower: () => rateOf(configs, 'follower.replication.throttled.rate'),
      },
      topicLogConfig: (topic, image) => topicConfigOf(configs, topic, image),
      unsentBytes: options.unsentBytes,
    });
    configs.onChange(() => {
      logs.updateConfig(configs.current(logConfig));
      this.replicas.updateConfig(configs.current(replicationConfig));
    });
  }

  /**
   * Opens every log; `failed` hears of each log directory that fails from now on, when its replicas have been taken offline.
   * Rejects as LogManager.open does.
   */
  static async open(options: StorageNodeOptions, failed: (failure: DirectoryFailure) => void): Promise<StorageNode> {
    const { runtime, settings, configs, directories, metadata, progress } = options;
    const failures = new EarlyEvents<DirectoryFailure>();
    const logs = await LogManager.open({
      runtime,
      logDirs: settings.logDirs,
      claimed: directories.logDirs,
      directoryFailed: failures.tell,
      config: configs.current(logConfig),
      durability: settings.durability,
      topicConfig: (topic) => topicConfigOf(configs, topic, metadata.image),
      topicIdOf: (found) => topicIdOf(found, metadata.image, settings.broker.nodeId),
      ...(progress !== undefined && { progress }),
    });
    const storage = new StorageNode(logs, options);
    failures.listen((failure) => {
      storage.replicas.directoryFailed(failure);
      failed(failure);
    });
    return storage;
  }

  /** The broker is registered: the controller can be told where replicas lie, and logs age. */
  start(): void {
    this.#assignments.start();
    this.logs.startTasks();
  }

  /** Ends replicas and their requests. The logs stay open until `closeLogs`. */
  closeReplicas(): void {
    this.#assignments.close();
    this.replicas.close();
  }

  /** Flushes, and writes the marker of a clean shutdown last. Rejects with DiskError. */
  closeLogs(brokerEpoch: number): Promise<void> {
    return this.logs.close(brokerEpoch);
  }

  /** Lets go of everything and marks nothing as clean: a start has failed. */
  abandon(): void {
    this.closeReplicas();
    this.logs.abandon();
  }
}

/**
 * The topic of a log that is a replica of this node (Kafka: LogManager.isStrayReplica, but for a log that does not name its
 * topic: with the name of a partition it is adopted). A copy on its way to another directory has to name it.
 */
function topicIdOf(
  { topic: name, partition, topicId, isFuture }: FoundLog,
  image: MetadataImage,
  nodeId: number,
): string | undefined {
  const topic = image.topics.byName.get(name);
  const isNamed = topicId === topic?.id || (topicId === undefined && !isFuture);
  return isNamed && topic?.partitions[partition]?.replicas.includes(nodeId) === true ? topic.id : undefined;
}

function topicConfigOf(configs: BrokerConfigs, topic: string, image: MetadataImage): TopicLogConfig {
  return topicLogConfig(configs.current(logConfig), image.configs.get(RESOURCE_TOPIC, topic));
}

/** A quota that may be set while the broker runs, and stands in no configuration file (DynamicConfig.Broker). */
function rateOf(configs: BrokerConfigs, key: string): number {
  const text = configs.effectiveEntries.get(key);
  return text === undefined ? Number.MAX_SAFE_INTEGER : Number(text);
}
