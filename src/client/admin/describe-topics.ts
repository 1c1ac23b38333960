// Which topics there are, and where their partitions are: page by page (KIP-966), and by Metadata from brokers before 4.0.
import { type DecodedResponseOf, type ErrorCode, Errors, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import type { AclOperationName } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { DescribeTopicPartitions } from '../../protocol/messages/75-describe-topic-partitions.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { failureOf, type Outcome } from './outcomes.ts';

export interface ListedTopic {
  readonly name: string;
  /** undefined: the broker is older than Kafka 2.8. */
  readonly topicId: string | undefined;
  readonly isInternal: boolean;
}

export interface ListTopicsOptions extends CallOptions {
  /** __consumer_offsets and the like; false when left out. */
  readonly includeInternal?: boolean;
}

export interface DescribeTopicsOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
  /** Partitions of one answer; 2000 when left out. */
  readonly partitionsPerAnswer?: number;
}

export interface PartitionDescription {
  readonly partition: number;
  /** undefined: nobody. */
  readonly leader: number | undefined;
  /** -1: not known. */
  readonly leaderEpoch: number;
  /** Brokers, the preferred leader first. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offlineReplicas: readonly number[];
  /** Outside of the ISR, yet complete (KIP-966). undefined: the brokers do not tell. */
  readonly eligibleLeaderReplicas: readonly number[] | undefined;
  readonly lastKnownEligibleLeaderReplicas: readonly number[] | undefined;
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: string | undefined;
  readonly isInternal: boolean;
  /** By number. */
  readonly partitions: readonly PartitionDescription[];
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

const PARTITIONS_PER_ANSWER = 2000;

/** Controllers serve no Metadata (KIP-919). */
const NOT_BY_CONTROLLERS =
  'This Admin API is not yet supported when communicating directly with the controller quorum.';

/** Rejects with KafkaError. */
export async function listTopics(
  asking: Asking,
  { includeInternal = false }: ListTopicsOptions,
): Promise<ListedTopic[]> {
  if (asking.nodes.isOfControllers) throw new KafkaError(Errors.UNSUPPORTED_ENDPOINT_TYPE, NOT_BY_CONTROLLERS);
  const { topics } = await asking.retrying(() =>
    asking.any(Metadata, (version) => ({ topics: version === 0 ? [] : null, allowAutoTopicCreation: false })),
  );
  const listed = topics.map(({ name, topicId, isInternal }) => ({
    name: name ?? '',
    topicId: idOf(topicId),
    isInternal,
  }));
  return listed.filter(({ isInternal }) => includeInternal || !isInternal);
}

/** By name. Rejects with KafkaError. */
export async function describeTopics(
  asking: Asking,
  names: readonly string[],
  how: DescribeTopicsOptions,
): Promise<Map<string, Outcome<TopicDescription>>> {
  if (names.length === 0) return new Map();
  try {
    return await byPages(asking, names, how);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== Errors.UNSUPPORTED_VERSION) throw error;
  }
  const topics = names.map((name) => ({ name }));
  const found = await byMetadata(asking, topics, how);
  return new Map(names.map((name) => [name, described(found.find((topic) => topic.name === name))]));
}

/** By id, from Kafka 2.8 on. Rejects with KafkaError. */
export async function describeTopicsById(
  asking: Asking,
  ids: readonly string[],
  how: DescribeTopicsOptions,
): Promise<Map<string, Outcome<TopicDescription>>> {
  if (ids.length === 0) return new Map();
  const topics = ids.map((topicId) => ({ topicId, name: null }));
  const found = await byMetadata(asking, topics, how);
  return new Map(
    ids.map((id) => {
      const topic = found.find(({ topicId }) => topicId === id);
      return [id, topic === undefined ? (failureOf(Errors.UNKNOWN_TOPIC_ID) as never) : described(topic)];
    }),
  );
}

async function byMetadata(
  asking: Asking,
  topics: readonly { readonly topicId?: string; readonly name: string | null }[],
  { includeAuthorizedOperations = false }: DescribeTopicsOptions,
): Promise<readonly AnsweredTopic[]> {
  const answer = await asking.retrying(() =>
    asking.any(Metadata, (version) => {
      if (version < IDS_SINCE && topics.some(({ name }) => name === null)) {
        throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'topics are described by id from Kafka 3.1 on');
      }
      return {
        topics,
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: includeAuthorizedOperations && version >= OPERATIONS_SINCE,
      };
    }),
  );
  return answer.topics;
}

/** Versions of Metadata: KIP-430, and topics by id alone (KIP-516). */
const OPERATIONS_SINCE = 8;
const IDS_SINCE = 12;

async function byPages(
  asking: Asking,
  names: readonly string[],
  { partitionsPerAnswer = PARTITIONS_PER_ANSWER }: DescribeTopicsOptions,
): Promise<Map<string, Outcome<TopicDescription>>> {
  const found = new Map<string, Outcome<TopicDescription>>();
  // The broker goes through them in this order, whatever the order of the request.
  const sorted = [...new Set(names)].sort();
  let cursor: PagedAnswer['nextCursor'] = null;
  do {
    const from = cursor;
    const open = from === null ? sorted : sorted.filter((name) => name >= from.topicName);
    const answer: PagedAnswer = await asking.retrying(() =>
      asking.any(DescribeTopicPartitions, {
        topics: open.map((name) => ({ name })),
        responsePartitionLimit: partitionsPerAnswer,
        cursor: from,
      }),
    );
    for (const topic of answer.topics) addPage(found, topic);
    cursor = answer.nextCursor;
  } while (cursor !== null);
  const none = (): Outcome<TopicDescription> => failureOf(Errors.UNKNOWN_TOPIC_OR_PARTITION) as never;
  return new Map(names.map((name) => [name, found.get(name) ?? none()]));
}

type PagedAnswer = DecodedResponseOf<typeof DescribeTopicPartitions>;

/** A topic with many partitions comes on several pages. */
function addPage(found: Map<string, Outcome<TopicDescription>>, topic: PagedAnswer['topics'][number]): void {
  const name = topic.name ?? '';
  const before = found.get(name);
  const page = described(topic);
  const isMore = before !== undefined && 'partitions' in before && 'partitions' in page;
  found.set(name, isMore ? { ...page, partitions: [...before.partitions, ...page.partitions] } : page);
}

interface AnsweredTopic {
  readonly errorCode: ErrorCode;
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly AnsweredPartition[];
  readonly topicAuthorizedOperations: number;
}

interface AnsweredPartition {
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
  readonly eligibleLeaderReplicas?: readonly number[] | null;
  readonly lastKnownElr?: readonly number[] | null;
}

function described(topic: AnsweredTopic | undefined): Outcome<TopicDescription> {
  const code = topic === undefined ? Errors.UNKNOWN_TOPIC_OR_PARTITION : topic.errorCode;
  const failure = failureOf(code);
  if (topic === undefined || failure !== undefined) return failure as never;
  const partitions = topic.partitions.map(partitionOf).sort((a, b) => a.partition - b.partition);
  return {
    name: topic.name ?? '',
    topicId: idOf(topic.topicId),
    isInternal: topic.isInternal,
    partitions,
    authorizedOperations: authorizedOperations(topic.topicAuthorizedOperations),
  };
}

function partitionOf(one: AnsweredPartition): PartitionDescription {
  return {
    partition: one.partitionIndex,
    leader: one.leaderId < 0 ? undefined : one.leaderId,
    leaderEpoch: one.leaderEpoch,
    replicas: one.replicaNodes,
    isr: one.isrNodes,
    offlineReplicas: one.offlineReplicas,
    eligibleLeaderReplicas: one.eligibleLeaderReplicas ?? undefined,
    lastKnownEligibleLeaderReplicas: one.lastKnownElr ?? undefined,
  };
}

const idOf = (topicId: string): string | undefined => (topicId === ZERO_UUID ? undefined : topicId);
