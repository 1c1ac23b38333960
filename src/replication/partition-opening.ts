// From a partition that the metadata gives to this node to its log: one that was found at the start, a copy whose move was nearly
// over, or a new one (Kafka: the half of ReplicaManager that makes a HostedPartition).
import type { LogManager, PartitionLog, TopicLogConfig } from '../log/index.ts';
import { parentDirectory } from '../log/index.ts';
import type { PartitionImage } from '../kraft/metadata/index.ts';
import { assert } from '../runtime/index.ts';
import type { ReplicaDirectories } from './directories/replica-directories.ts';
import type { HostedTopic } from './hosted-topics.ts';
import type { ClusterView } from './leading/cluster-view.ts';
import { Partition } from './partition.ts';

export interface PartitionOpeningOptions {
  readonly nodeId: number;
  readonly logManager: LogManager;
  readonly directories: ReplicaDirectories;
  readonly cluster: ClusterView;
  /** The effective log configs of a topic as they are now. */
  readonly topicLogConfig: (topic: string) => TopicLogConfig;
}

export class PartitionOpening {
  readonly #options: PartitionOpeningOptions;
  /** What has no log may be old, and lie elsewhere. */
  isStarting = false;

  constructor(options: PartitionOpeningOptions) {
    this.#options = options;
  }

  /** Puts the partition into its place; undefined: its log lies in a directory that has failed. Throws DiskError. */
  open(topic: HostedTopic, image: PartitionImage): Partition | undefined {
    const log = this.#logOf(topic, image);
    if (log === undefined) return undefined;
    assert(topic.partitions[image.partition] === undefined, 'a partition is hosted once');
    assert(
      log.topic === topic.name && log.partition === image.partition,
      'a log is of the partition that it is opened for',
    );
    assert(log.topicId === undefined || log.topicId === topic.id, 'a log is of the topic with its id');
    const { nodeId, cluster } = this.#options;
    const partition = new Partition(log, nodeId, { topicId: topic.id, cluster });
    topic.partitions[image.partition] = partition;
    return partition;
  }

  #logOf(topic: HostedTopic, image: PartitionImage): PartitionLog | undefined {
    const { logManager, directories, topicLogConfig } = this.#options;
    const index = image.partition;
    const found = logManager.getLog(topic.name, index);
    if (found !== undefined) {
      // Without an id: the log manager was not told whose logs are whose.
      if (found.topicId === topic.id || found.topicId === undefined) return found;
      // The topic was deleted and made again, and the old log could not be deleted then: its records are not the new topic's.
      logManager.setAside(topic.name, index);
    }
    if (directories.isElsewhere(image, !this.isStarting && !topic.elsewhere.has(index))) {
      topic.elsewhere.add(index);
      return undefined;
    }
    const assigned = directories.assignedPath(image);
    const future = logManager.futureLogs.get(topic.name, index);
    if (
      future?.topicId === topic.id &&
      logManager.directories.failed.size === 0 &&
      assigned === parentDirectory(future.directory)
    ) {
      // The last run ended between the two renames of a move: the future log is whole.
      return logManager.futureLogs.promote(topic.name, index);
    }
    const config = topicLogConfig(topic.name);
    return logManager.createLog({ topic: topic.name, topicId: topic.id, partition: index, config, assigned });
  }
}
