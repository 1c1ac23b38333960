// DescribeTopicPartitions, version 0: topics in alphabetical order, page by page, each page as long as the client and
// max.request.partition.size.limit allow, and one partition at least (KIP-966).
import type { MetadataImage, PartitionImage } from '../kraft/metadata/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../protocol/index.ts';
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from '../protocol/messages/75-describe-topic-partitions.ts';
import { OPERATIONS_NOT_ASKED, TOPIC_OPERATIONS } from './authorized-operations.ts';
import { endpointsFor, offlineReplicas, type BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { isInternalTopic, isValidTopicName } from './topic-names.ts';

type TopicAnswer = DescribeTopicPartitionsResponse['topics'][number];
type PartitionAnswer = TopicAnswer['partitions'][number];

/** `maxPartitions` is max.request.partition.size.limit: no page is larger, whatever is asked. */
export const describeTopicPartitions = (identity: BrokerIdentity, maxPartitions: number) =>
  defineHandler(DescribeTopicPartitions, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      const names = topicNames(request, identity.image());
      // An empty name is what Kafka's own look-up stumbles over.
      if (names.includes('')) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
      const limit = Math.max(Math.min(maxPartitions, request.responsePartitionLimit), 1);
      return new Page(identity, context, limit).fill(request, names);
    },
    failed: (request, code) => ({
      topics: request.topics.map(({ name }) => ({
        ...failedTopic(code, name),
        isInternal: false,
        topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
      })),
    }),
    refused({ topics }, code) {
      const names = topics.length > 0 ? topics.map(({ name }) => name) : [...identity.image().topics.byName.keys()];
      return { topics: names.map((name) => failedTopic(code, name)) };
    },
  });

/** The topics from the cursor on; none asked for means all. */
function topicNames({ topics, cursor }: DescribeTopicPartitionsRequest, image: MetadataImage): string[] {
  const start = cursor?.topicName ?? '';
  const asked = topics.length === 0 ? [...image.topics.byName.keys()] : topics.map(({ name }) => name);
  const names = [...new Set(asked)].filter((name) => name >= start).sort();
  if (cursor !== null && topics.length > 0 && !names.includes(cursor.topicName)) {
    throw new KafkaError(
      Errors.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest topic list should contain the cursor topic: ${cursor.topicName}`,
    );
  }
  if (cursor !== null && cursor.partitionIndex < 0) {
    throw new KafkaError(
      Errors.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
    );
  }
  return names;
}

class Page {
  readonly #image: MetadataImage;
  readonly #reachable: ReadonlySet<number>;
  readonly #topics: TopicAnswer[] = [];
  #room: number;

  constructor(identity: BrokerIdentity, context: RequestContext, limit: number) {
    this.#image = identity.image();
    this.#reachable = new Set(endpointsFor(identity, context).map(({ id }) => id));
    this.#room = limit;
  }

  fill({ topics, cursor }: DescribeTopicPartitionsRequest, names: readonly string[]): DescribeTopicPartitionsResponse {
    for (const topicName of names) {
      if (this.#room <= 0) return { topics: this.#topics, nextCursor: { topicName, partitionIndex: 0 } };
      const start = topicName === cursor?.topicName ? cursor.partitionIndex : 0;
      const next = this.#add(topicName, start, topics.length === 0);
      if (next !== undefined) return { topics: this.#topics, nextCursor: { topicName, partitionIndex: next } };
    }
    return { topics: this.#topics, nextCursor: null };
  }

  /** Adds a topic from partition `start` on; the partition at which the page ended, if it did. */
  #add(name: string, start: number, areAllAsked: boolean): number | undefined {
    const topic = this.#image.topics.byName.get(name);
    if (topic === undefined) {
      const code = isValidTopicName(name) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
      if (!areAllAsked) this.#topics.push(failedTopic(code, name));
      return undefined;
    }
    const end = Math.min(topic.partitions.length, start + this.#room);
    const partitions = topic.partitions.slice(start, end).map((partition) => this.#partition(partition));
    this.#room -= partitions.length;
    this.#topics.push({ ...failedTopic(Errors.NONE, name), topicId: topic.id, partitions });
    return end < topic.partitions.length ? end : undefined;
  }

  #partition(partition: PartitionImage): PartitionAnswer {
    const { leader, replicas } = partition;
    return {
      errorCode: this.#partitionError(leader),
      partitionIndex: partition.partition,
      leaderId: this.#reachable.has(leader) ? leader : -1,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: replicas,
      isrNodes: partition.isr,
      eligibleLeaderReplicas: partition.elr,
      lastKnownElr: partition.lastKnownElr,
      offlineReplicas: offlineReplicas(partition, this.#reachable, this.#image),
    };
  }

  #partitionError(leader: number): number {
    if (this.#reachable.has(leader)) return Errors.NONE;
    return this.#image.cluster.brokers.get(leader)?.isFenced === false
      ? Errors.LISTENER_NOT_FOUND
      : Errors.LEADER_NOT_AVAILABLE;
  }
}

function failedTopic(errorCode: number, name: string): TopicAnswer {
  return {
    errorCode,
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  };
}
