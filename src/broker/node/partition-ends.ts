// How far readers of partitions can come, wherever those are led: by that the lag of share groups is told (Kafka:
// NetworkPartitionMetadataClient).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { type ErrorCode, Errors, KafkaError, type Peers } from '../../protocol/index.ts';
import type { ReplicaManager } from '../../replication/index.ts';

export interface PartitionEndsOptions {
  readonly nodeId: number;
  readonly replicas: Pick<ReplicaManager, 'partitionById' | 'image'>;
  readonly peers: Peers;
}

export interface NamedPartition {
  readonly topicId: string;
  readonly partition: number;
}

export interface PartitionEnd {
  readonly errorCode: ErrorCode;
  /** The first offset that readers cannot have yet. */
  readonly offset: number;
}

const LATEST = -1;
const AS_CONSUMER = -1;
const READ_UNCOMMITTED = 0;

export class PartitionEnds {
  readonly #options: PartitionEndsOptions;

  constructor(options: PartitionEndsOptions) {
    this.#options = options;
  }

  /** In the order asked. Never rejects. */
  async of(asked: readonly NamedPartition[]): Promise<PartitionEnd[]> {
    const { nodeId, replicas } = this.#options;
    const elsewhere = new Map<number, Map<string, number[]>>();
    for (const one of asked) {
      const found = placeOf(replicas.image, one);
      if (found === undefined || found.leader < 0 || found.leader === nodeId) continue;
      const topics = elsewhere.get(found.leader) ?? new Map<string, number[]>();
      elsewhere.set(found.leader, topics);
      const partitions = topics.get(found.topic);
      if (partitions === undefined) topics.set(found.topic, [one.partition]);
      else partitions.push(one.partition);
    }
    const told = new Map<string, PartitionEnd>();
    await Promise.all(Array.from(elsewhere, ([broker, topics]) => this.#ask(broker, topics, told)));
    return asked.map((one) => {
      const found = placeOf(replicas.image, one);
      return (found && told.get(keyOf(found.topic, one.partition))) ?? this.#here(one);
    });
  }

  #here({ topicId, partition: index }: NamedPartition): PartitionEnd {
    const partition = this.#options.replicas.partitionById(topicId, index);
    const errorCode = partition?.checkAccess(-1, true) ?? Errors.NOT_LEADER_OR_FOLLOWER;
    return { errorCode, offset: partition?.log.highWatermark ?? -1 };
  }

  async #ask(
    broker: number,
    topics: ReadonlyMap<string, readonly number[]>,
    told: Map<string, PartitionEnd>,
  ): Promise<void> {
    const tellAll = (errorCode: ErrorCode): void => {
      for (const [topic, partitions] of topics) {
        for (const partition of partitions) told.set(keyOf(topic, partition), { errorCode, offset: -1 });
      }
    };
    // What is left out of the answer is not known.
    tellAll(Errors.UNKNOWN_SERVER_ERROR);
    const channel = this.#options.peers.to(broker);
    if (channel === undefined) return tellAll(Errors.LEADER_NOT_AVAILABLE);
    const { ListOffsets } = await import('../../protocol/messages/02-list-offsets.ts');
    try {
      const { topics: answers } = await channel.ask(ListOffsets, {
        replicaId: AS_CONSUMER,
        isolationLevel: READ_UNCOMMITTED,
        topics: Array.from(topics, ([name, partitions]) => ({
          name,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: LATEST })),
        })),
      });
      for (const { name, partitions } of answers) {
        for (const { partitionIndex, errorCode, offset } of partitions) {
          told.set(keyOf(name, partitionIndex), { errorCode, offset });
        }
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      tellAll(error.code);
    }
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

function placeOf(image: MetadataImage, { topicId, partition }: NamedPartition) {
  const topic = image.topics.byId.get(topicId);
  const found = topic?.partitions[partition];
  return topic === undefined || found === undefined ? undefined : { topic: topic.name, leader: found.leader };
}
