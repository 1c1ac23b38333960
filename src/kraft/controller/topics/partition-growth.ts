// CreatePartitions: more partitions for topics that exist (Kafka: ReplicationControlManager.createPartitions).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../../protocol/messages/37-create-partitions.ts';
import type { Random } from '../../../runtime/index.ts';
import type { MetadataImage, MetadataRecord, TopicImage } from '../../metadata/index.ts';
import { usableBrokers } from '../placement/broker-liveness.ts';
import { checkManualAssignment, manualIsr, newPartitionRecord, placedIsr } from './new-partitions.ts';
import { errorOf, MAX_PARTITIONS_PER_REQUEST, type Outcome } from '../operation.ts';
import { placeReplicas } from '../placement/replica-placer.ts';

type GrowingTopic = CreatePartitionsRequest['topics'][number];

export function createPartitions(
  image: MetadataImage,
  request: CreatePartitionsRequest,
  random: Random,
): Outcome<CreatePartitionsResponse> {
  const counts = new Map<string, number>();
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const records: MetadataRecord[] = [];
  const results: CreatePartitionsResponse['results'][number][] = [];
  for (const topic of request.topics) {
    if (counts.get(topic.name) !== 1) continue;
    const error = errorOf(() => records.push(...growthRecords(image, topic, records.length, random)));
    results.push({ name: topic.name, ...error });
  }
  for (const [name, count] of counts) {
    const duplicate = { name, errorCode: Errors.INVALID_REQUEST, errorMessage: 'Duplicate topic name.' };
    if (count > 1) results.push(duplicate);
  }
  return { records: request.validateOnly ? [] : records, response: { throttleTimeMs: 0, results } };
}

/** `createdSoFar`: partitions of other topics of the request. Throws KafkaError. */
function growthRecords(
  image: MetadataImage,
  { name, count, assignments }: GrowingTopic,
  createdSoFar: number,
  random: Random,
): MetadataRecord[] {
  const topic = image.topics.byName.get(name);
  if (topic === undefined) throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  const before = topic.partitions.length;
  if (count === before) throw new KafkaError(Errors.INVALID_PARTITIONS, `Topic already has ${before} partition(s).`);
  if (count < before) {
    throw new KafkaError(
      Errors.INVALID_PARTITIONS,
      `The topic ${name} currently has ${before} partition(s); ${count} would not be an increase.`,
    );
  }
  const additional = count - before;
  if (assignments !== null && assignments.length !== additional) {
    throw new KafkaError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    );
  }
  if (createdSoFar + additional > MAX_PARTITIONS_PER_REQUEST) {
    throw new KafkaError(Errors.POLICY_VIOLATION, 'Excessively large number of partitions per request.');
  }
  const brokerIds = assignments?.map((assignment) => assignment.brokerIds);
  const placed =
    brokerIds === undefined ? placedPartitions(image, topic, additional, random) : manual(image, topic, brokerIds);
  return placed.map(({ replicas, isr }, index) =>
    newPartitionRecord(image, { topicId: topic.id, partition: before + index, replicas, isr }),
  );
}

interface NewPartition {
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

const replicationFactorOf = (topic: TopicImage): number => topic.partitions[0]?.replicas.length ?? 0;

function manual(image: MetadataImage, topic: TopicImage, assignments: readonly (readonly number[])[]): NewPartition[] {
  return assignments.map((replicas, index) => {
    checkManualAssignment(image, replicas, replicationFactorOf(topic));
    return { replicas, isr: manualIsr(image, topic.partitions.length + index, replicas) };
  });
}

function placedPartitions(
  image: MetadataImage,
  topic: TopicImage,
  partitionCount: number,
  random: Random,
): NewPartition[] {
  const placement = { partitionCount, replicationFactor: replicationFactorOf(topic) };
  return placeReplicas(placement, usableBrokers(image), random).map((replicas) => ({
    replicas,
    isr: placedIsr(image, replicas),
  }));
}
