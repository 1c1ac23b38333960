// Where replicas are and who of them leads: reassignments (KIP-455) and elections, asked of the controller.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { ElectLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { AlterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { ListPartitionReassignments } from '../../protocol/messages/46-list-partition-reassignments.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import {
  answerFor,
  byTopic,
  failureOf,
  type OutcomeFor,
  placeOf,
  throwIfFailed,
  type TopicPartition,
} from './outcomes.ts';

/** PREFERRED: the first of the replicas. UNCLEAN: whoever is alive, though records be lost (KIP-460). */
export type ElectionType = 'PREFERRED' | 'UNCLEAN';

const ELECTIONS = { PREFERRED: 0, UNCLEAN: 1 } as const;

/** Of all partitions when none is named: then only those with something to tell are answered. Rejects with KafkaError. */
export async function electLeaders(
  asking: Asking,
  type: ElectionType,
  places: readonly TopicPartition[] | undefined,
): Promise<OutcomeFor<TopicPartition, undefined>[]> {
  const answer = await asking.controller(
    ElectLeaders,
    (version) => {
      if (version === 0 && type !== 'PREFERRED') {
        throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'unclean elections are asked for from Kafka 2.4 on');
      }
      return {
        ...(version > 0 && { electionType: ELECTIONS[type] }),
        topicPartitions: wirePlaces(places)?.map(({ name, partitions }) => ({ topic: name, partitions })) ?? null,
        timeoutMs: asking.requestTimeoutMs,
      };
    },
    ({ errorCode, replicaElectionResults }) => [
      errorCode,
      ...replicaElectionResults.flatMap(({ partitionResult }) => partitionResult.map((one) => one.errorCode)),
    ],
  );
  throwIfFailed(answer.errorCode);
  return answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map((one) => ({
      topic,
      partition: one.partitionId,
      result: failureOf(one.errorCode, one.errorMessage),
    })),
  );
}

function wirePlaces(places: readonly TopicPartition[] | undefined) {
  if (places === undefined) return undefined;
  return [...byTopic(places)].map(([name, list]) => ({ name, partitions: list.map(({ partition }) => partition) }));
}

export interface WantedReplicas extends TopicPartition {
  /** Brokers, the preferred leader first; null: what is under way is called off. */
  readonly replicas: readonly number[] | null;
}

export interface AlterReassignmentsOptions extends CallOptions {
  /** false: other numbers of replicas than there are now are refused (KIP-860, from Kafka 4.1 on). true when left out. */
  readonly allowReplicationFactorChange?: boolean;
}

/** In the order given: whether it has begun. Rejects with KafkaError. */
export async function alterPartitionReassignments(
  asking: Asking,
  wanted: readonly WantedReplicas[],
  { allowReplicationFactorChange = true }: AlterReassignmentsOptions,
): Promise<OutcomeFor<TopicPartition, undefined>[]> {
  const topics = [...byTopic(wanted)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas })),
  }));
  const answer = await asking.controller(
    AlterPartitionReassignments,
    () => ({
      timeoutMs: asking.requestTimeoutMs,
      topics,
      ...(!allowReplicationFactorChange && { allowReplicationFactorChange }),
    }),
    ({ errorCode, responses }) => [
      errorCode,
      ...responses.flatMap(({ partitions }) => partitions.map((one) => one.errorCode)),
    ],
  );
  const failure = failureOf(answer.errorCode, answer.errorMessage);
  const outcomes = new Map(
    answer.responses.flatMap(({ name, partitions }) =>
      partitions.map((one) => [
        placeOf({ topic: name, partition: one.partitionIndex }),
        failureOf(one.errorCode, one.errorMessage),
      ]),
    ),
  );
  return wanted.map(({ topic, partition }) => ({
    topic,
    partition,
    result: failure ?? answerFor(outcomes, placeOf({ topic, partition })),
  }));
}

export interface PartitionReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** What is under way, of these partitions or of all. Rejects with KafkaError. */
export async function listPartitionReassignments(
  asking: Asking,
  places: readonly TopicPartition[] | undefined,
): Promise<PartitionReassignment[]> {
  const topics = wirePlaces(places)?.map(({ name, partitions }) => ({ name, partitionIndexes: partitions })) ?? null;
  const answer = await asking.controller(
    ListPartitionReassignments,
    () => ({ timeoutMs: asking.requestTimeoutMs, topics }),
    ({ errorCode }) => [errorCode],
  );
  throwIfFailed(answer.errorCode, answer.errorMessage);
  return answer.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      topic: name,
      partition: partitionIndex,
      replicas,
      addingReplicas,
      removingReplicas,
    })),
  );
}
