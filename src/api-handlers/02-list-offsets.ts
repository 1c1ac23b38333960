// ListOffsets, versions 1 to 11: the offset that belongs to a timestamp, or to one of the special ones (KIP-79, KIP-734,
// KIP-405, KIP-1005). A special timestamp before the version that brought it is UNSUPPORTED_VERSION; a partition that is named
// twice is INVALID_REQUEST.
//   v2 isolation level · v4 leader epochs · v5 OFFSET_NOT_AVAILABLE
// Nothing lies in remote storage: the earliest local offset is the log start, what is tiered or waits to be is not found, and
// the time-out of v10 is not needed.
import { Errors, type Int64, KafkaError } from '../protocol/index.ts';
import {
  ListOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '../protocol/messages/02-list-offsets.ts';
import {
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  type ListedOffset,
  listOffset,
  MAX_TIMESTAMP,
  type ReplicaManager,
} from '../replication/index.ts';
import { DiskError } from '../runtime/index.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { isReadCommitted } from './isolation-level.ts';

type AskedTopic = ListOffsetsRequest['topics'][number];
type AskedPartition = AskedTopic['partitions'][number];
type PartitionAnswer = ListOffsetsResponse['topics'][number]['partitions'][number];

/** The version with which each special timestamp came. */
const specialSince: ReadonlyMap<Int64, number> = new Map<Int64, number>([
  [LATEST_TIMESTAMP, 1],
  [EARLIEST_TIMESTAMP, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL_TIMESTAMP, 8],
  [LATEST_TIERED_TIMESTAMP, 9],
  [EARLIEST_PENDING_UPLOAD_TIMESTAMP, 11],
]);
/** OFFSET_NOT_AVAILABLE is known from here on (KIP-207). */
const NOT_AVAILABLE_SINCE = 5;
const LEADER_EPOCH_SINCE = 4;
/** Replica ids that are no broker's. */
const CONSUMER = -1;
const DEBUGGING_TOOL = -2;

export const listOffsets = (replicas: ReplicaManager) =>
  defineHandler(ListOffsets, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const isCommittedOnly = isReadCommitted(request.isolationLevel);
      const doubles = namedTwice(request);
      // Kafka lays out by topic what it found, in whichever order it was asked.
      const byName = new Map<string, PartitionAnswer[]>();
      for (const topic of request.topics) {
        const partitions = byName.get(topic.name) ?? [];
        for (const asked of topic.partitions) {
          const key = keyOf(topic, asked);
          const isRefused = doubles.has(key);
          // A partition that is named twice gets one answer.
          if (isRefused && !doubles.get(key)) continue;
          if (isRefused) doubles.set(key, false);
          const listed = isRefused
            ? failed(Errors.INVALID_REQUEST)
            : await answerTo(replicas, { topic: topic.name, asked, isCommittedOnly }, request, context);
          partitions.push(wireForm(asked.partitionIndex, listed, context.apiVersion));
        }
        if (partitions.length > 0) byName.set(topic.name, partitions);
      }
      return { topics: Array.from(byName, ([name, partitions]) => ({ name, partitions })) };
    },
    failed: (request, code, _message, { apiVersion }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => wireForm(partitionIndex, failed(code), apiVersion)),
      })),
    }),
  });

function wireForm(partitionIndex: number, listed: ListedOffset, apiVersion: number): PartitionAnswer {
  const { errorCode, timestamp, offset } = listed;
  const leaderEpoch = apiVersion >= LEADER_EPOCH_SINCE ? listed.leaderEpoch : -1;
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch };
}

const failed = (errorCode: number): ListedOffset => ({ errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 });

const keyOf = (topic: AskedTopic, asked: AskedPartition): string => `${topic.name} ${asked.partitionIndex}`;

/** The partitions that are asked for more than once; true until their one answer has been given. */
function namedTwice(request: ListOffsetsRequest): Map<string, boolean> {
  const seen = new Set<string>();
  const doubles = new Map<string, boolean>();
  for (const topic of request.topics) {
    for (const asked of topic.partitions) {
      const key = keyOf(topic, asked);
      if (seen.has(key)) doubles.set(key, true);
      seen.add(key);
    }
  }
  return doubles;
}

interface Question {
  readonly topic: string;
  readonly asked: AskedPartition;
  readonly isCommittedOnly: boolean;
}

async function answerTo(
  replicas: ReplicaManager,
  { topic, asked, isCommittedOnly }: Question,
  request: ListOffsetsRequest,
  context: RequestContext,
): Promise<ListedOffset> {
  const { timestamp, currentLeaderEpoch, partitionIndex } = asked;
  if (timestamp < 0 && context.apiVersion < (specialSince.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
    return failed(Errors.UNSUPPORTED_VERSION);
  }
  const partition = replicas.partition(topic, partitionIndex);
  if (partition === undefined) return failed(replicas.missingError(topic, partitionIndex));
  try {
    const isReplica = request.replicaId !== CONSUMER;
    const leaderOnly = request.replicaId !== DEBUGGING_TOOL;
    const query = { timestamp, currentLeaderEpoch, isReadCommitted: isCommittedOnly, isReplica, leaderOnly };
    const listed = await listOffset(partition, query);
    if (listed.errorCode === Errors.OFFSET_NOT_AVAILABLE && context.apiVersion < NOT_AVAILABLE_SINCE) {
      return failed(Errors.LEADER_NOT_AVAILABLE);
    }
    return listed;
  } catch (error) {
    if (error instanceof DiskError) return failed(Errors.KAFKA_STORAGE_ERROR);
    if (error instanceof KafkaError) return failed(error.code);
    throw error;
  }
}
