// CreateTopics: every check in Kafka's order and words (ControllerApis, ReplicationControlManager.createTopics).
import { Errors, KafkaError, METADATA_TOPIC, ZERO_UUID } from '../../../protocol/index.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../../protocol/messages/19-create-topics.ts';
import type { Random } from '../../../runtime/index.ts';
import { type MetadataImage, type MetadataRecord, RESOURCE_TOPIC, randomUuid } from '../../metadata/index.ts';
import { usableBrokers } from '../placement/broker-liveness.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { alterationRecords } from '../configs/configs-control.ts';
import { checkManualAssignment, manualIsr, newPartitionRecord, placedIsr } from './new-partitions.ts';
import { type ApiError, MAX_PARTITIONS_PER_REQUEST, type Outcome } from '../operation.ts';
import { placeReplicas } from '../placement/replica-placer.ts';
import { checkTopicName } from './topic-name.ts';

type CreatableTopic = CreateTopicsRequest['topics'][number];
type CreatedTopic = CreateTopicsResponse['topics'][number];

export interface TopicDefaults {
  /** num.partitions */
  readonly partitions: number;
  /** default.replication.factor */
  readonly replicationFactor: number;
}

const DEFAULT = -1;

interface NewPartition {
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** What the creation of topics needs besides the image. */
export interface TopicCreation {
  readonly random: Random;
  readonly policy: ConfigPolicy;
  readonly defaults: TopicDefaults;
}

/** Throws KafkaError POLICY_VIOLATION for a request that asks for too much as a whole. */
export function createTopics(
  image: MetadataImage,
  request: CreateTopicsRequest,
  creation: TopicCreation,
): Outcome<CreateTopicsResponse> {
  const counts = new Map<string, number>();
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const topics = request.topics.filter(({ name }) => counts.get(name) === 1 && name !== METADATA_TOPIC);
  checkTotal(topics, creation.defaults);
  const records: MetadataRecord[] = [];
  const results = topics.map((topic) => createOne(image, topic, records, creation));
  for (const [name, count] of counts) {
    if (count > 1) results.push(failed(name, Errors.INVALID_REQUEST, 'Duplicate topic name.'));
    else if (name === METADATA_TOPIC) {
      results.push(failed(name, Errors.INVALID_REQUEST, `Creation of internal topic ${name} is prohibited.`));
    }
  }
  return { records: request.validateOnly ? [] : records, response: { throttleTimeMs: 0, topics: results } };
}

function checkTotal(topics: readonly CreatableTopic[], defaults: TopicDefaults): void {
  let total = 0;
  for (const { assignments, numPartitions } of topics) {
    if (assignments.length > 0) total += assignments.length;
    else total += numPartitions === DEFAULT ? defaults.partitions : Math.max(0, numPartitions);
  }
  if (total > MAX_PARTITIONS_PER_REQUEST) {
    throw new KafkaError(Errors.POLICY_VIOLATION, 'Excessively large number of partitions per request.');
  }
}

/** The result of one topic; its records are added only when all of it is right. */
function createOne(
  image: MetadataImage,
  topic: CreatableTopic,
  records: MetadataRecord[],
  creation: TopicCreation,
): CreatedTopic {
  const { policy, random } = creation;
  try {
    checkNewName(image, topic.name);
    const configs = creationConfigs(topic);
    const configRecords = newConfigRecords(image, topic.name, configs, policy);
    const partitions = topic.assignments.length > 0 ? assigned(image, topic) : placed(image, topic, creation);
    const topicId = randomUuid(random);
    records.push({ type: 'TopicRecord', version: 0, name: topic.name, topicId }, ...configRecords);
    partitions.forEach(({ replicas, isr }, partition) => {
      records.push(newPartitionRecord(image, { topicId, partition, replicas, isr }));
    });
    return {
      name: topic.name,
      topicId,
      errorCode: Errors.NONE,
      errorMessage: null,
      topicConfigErrorCode: Errors.NONE,
      numPartitions: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 0,
      configs: [...policy.effectiveTopicConfigs(configs)],
    };
  } catch (error) {
    if (error instanceof KafkaError) return failed(topic.name, error.code, error.wireMessage);
    throw error;
  }
}

function newConfigRecords(
  image: MetadataImage,
  name: string,
  configs: ReadonlyMap<string, string>,
  policy: ConfigPolicy,
): MetadataRecord[] {
  const alterations = [...configs].map(([key, value]) => ({ name: key, value }));
  const resource = { type: RESOURCE_TOPIC, name };
  return alterationRecords(image, policy, { resource, alterations, removals: [], isNew: true });
}

function assigned(image: MetadataImage, topic: CreatableTopic): NewPartition[] {
  const manual = 'A manual partition assignment was specified, but';
  if (topic.replicationFactor !== DEFAULT) {
    throw new KafkaError(Errors.INVALID_REQUEST, `${manual} replication factor was not set to -1.`);
  }
  if (topic.numPartitions !== DEFAULT) {
    throw new KafkaError(Errors.INVALID_REQUEST, `${manual} numPartitions was not set to -1.`);
  }
  const byIndex = new Map<number, NewPartition>();
  let replicationFactor: number | undefined;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byIndex.has(partitionIndex)) {
      throw new KafkaError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`,
      );
    }
    checkManualAssignment(image, brokerIds, replicationFactor);
    replicationFactor = brokerIds.length;
    byIndex.set(partitionIndex, { replicas: brokerIds, isr: manualIsr(image, partitionIndex, brokerIds) });
  }
  return Array.from({ length: byIndex.size }, (_, index) => {
    const partition = byIndex.get(index);
    if (partition !== undefined) return partition;
    throw new KafkaError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      'partitions should be a consecutive 0-based integer sequence',
    );
  });
}

function placed(image: MetadataImage, topic: CreatableTopic, { random, defaults }: TopicCreation): NewPartition[] {
  if (topic.replicationFactor < DEFAULT || topic.replicationFactor === 0) {
    throw new KafkaError(
      Errors.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (topic.numPartitions < DEFAULT || topic.numPartitions === 0) {
    throw new KafkaError(Errors.INVALID_PARTITIONS, 'Number of partitions was set to an invalid non-positive value.');
  }
  const { partitions, replicationFactor } = defaults;
  const placement = {
    partitionCount: topic.numPartitions === DEFAULT ? partitions : topic.numPartitions,
    replicationFactor: topic.replicationFactor === DEFAULT ? replicationFactor : topic.replicationFactor,
  };
  return placedPartitions(image, placement, random);
}

function placedPartitions(
  image: MetadataImage,
  placement: { readonly partitionCount: number; readonly replicationFactor: number },
  random: Random,
): NewPartition[] {
  try {
    const assignments = placeReplicas(placement, usableBrokers(image), random);
    return assignments.map((replicas) => ({ replicas, isr: placedIsr(image, replicas) }));
  } catch (error) {
    const words = `Unable to replicate the partition ${placement.replicationFactor} time(s): `;
    if (!(error instanceof KafkaError) || error.message.startsWith(words)) throw error;
    throw new KafkaError(error.code, words + error.message);
  }
}

/** Throws KafkaError INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. */
function checkNewName(image: MetadataImage, name: string): void {
  checkTopicName(name);
  if (image.topics.byName.has(name)) {
    throw new KafkaError(Errors.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  }
  const other = image.topics.collidingWith(name);
  if (other !== undefined) {
    throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${other}`);
  }
}

/** A key that is given twice has its last value. Throws KafkaError INVALID_CONFIG for null values. */
function creationConfigs(topic: CreatableTopic): Map<string, string> {
  const configs = new Map<string, string>();
  const nulls: string[] = [];
  for (const { name, value } of topic.configs) {
    if (value === null) nulls.push(name);
    else configs.set(name, value);
  }
  if (nulls.length > 0) {
    throw new KafkaError(Errors.INVALID_CONFIG, `Null value not supported for topic configs: ${nulls.join(',')}`);
  }
  return configs;
}

function failed(name: string, errorCode: number, errorMessage: ApiError['errorMessage']): CreatedTopic {
  return { name, topicId: ZERO_UUID, errorCode, errorMessage, numPartitions: -1, replicationFactor: -1, configs: [] };
}
