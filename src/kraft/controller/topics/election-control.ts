// ElectLeaders (KIP-183, KIP-460): the preferred replica shall lead, or anybody where nobody does; and the elections that the
// controller holds of its own accord (Kafka: ReplicationControlManager.electLeaders, maybeBalancePartitionLeaders).
import { Errors, errorMessage as textOf, KafkaError } from '../../../protocol/index.ts';
import type { ElectLeadersRequest, ElectLeadersResponse } from '../../../protocol/messages/43-elect-leaders.ts';
import {
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  type PartitionChangeRecord,
  type PartitionImage,
  type TopicImage,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { type ApiError, type ControllerState, NO_ERROR, type Outcome } from '../operation.ts';
import { defaultDirectory } from '../placement/broker-liveness.ts';
import { mayLead, settingsOf } from './leadership-control.ts';
import { type Election, partitionChange } from './partition-change-builder.ts';
import { hasPreferredLeader, type TopicTally } from '../placement/partition-index.ts';

const PREFERRED = 0;
const UNCLEAN = 1;

type TopicResult = ElectLeadersResponse['replicaElectionResults'][number];
type PartitionResult = TopicResult['partitionResult'][number];

/** Throws KafkaError INVALID_REQUEST for a kind of election that does not exist. */
export function electLeaders(
  image: MetadataImage,
  policy: ConfigPolicy,
  request: ElectLeadersRequest,
): Outcome<ElectLeadersResponse> {
  const { electionType, topicPartitions } = request;
  if (electionType !== PREFERRED && electionType !== UNCLEAN) {
    throw new KafkaError(Errors.INVALID_REQUEST, `Unknown election type ${electionType}`);
  }
  const isUnclean = electionType === UNCLEAN;
  const replicaElectionResults: TopicResult[] = [];
  return {
    records:
      topicPartitions === null
        ? everyPartition(image, policy, isUnclean, replicaElectionResults)
        : namedPartitions(image, policy, { topics: topicPartitions, isUnclean }, replicaElectionResults),
    response: { throttleTimeMs: 0, errorCode: Errors.NONE, replicaElectionResults },
  };
}

/** Elects in all partitions; the answer names only those that needed it. */
function* everyPartition(
  image: MetadataImage,
  policy: ConfigPolicy,
  isUnclean: boolean,
  results: TopicResult[],
): Generator<MetadataRecord> {
  for (const topic of image.topics.byId.values()) {
    const partitionResult: PartitionResult[] = [];
    results.push({ topic: topic.name, partitionResult });
    for (const partition of topic.partitions) {
      const { error, record } = electLeader(image, policy, isUnclean, topic, partition);
      if (record !== undefined) yield record;
      if (error.errorCode !== Errors.ELECTION_NOT_NEEDED) {
        partitionResult.push({ partitionId: partition.partition, ...error });
      }
    }
  }
}

interface Asked {
  readonly topics: NonNullable<ElectLeadersRequest['topicPartitions']>;
  readonly isUnclean: boolean;
}

function* namedPartitions(
  image: MetadataImage,
  policy: ConfigPolicy,
  { topics, isUnclean }: Asked,
  results: TopicResult[],
): Generator<MetadataRecord> {
  for (const { topic: name, partitions } of topics) {
    const topic = image.topics.byName.get(name);
    const partitionResult: PartitionResult[] = [];
    results.push({ topic: name, partitionResult });
    for (const partitionId of partitions) {
      const partition = topic?.partitions[partitionId];
      if (topic === undefined) partitionResult.push({ partitionId, ...unknown(`No such topic as ${name}`) });
      else if (partition === undefined) {
        partitionResult.push({ partitionId, ...unknown(`No such partition as ${name}-${partitionId}`) });
      } else {
        const { error, record } = electLeader(image, policy, isUnclean, topic, partition);
        if (record !== undefined) yield record;
        partitionResult.push({ partitionId, ...error });
      }
    }
  }
}

function electLeader(
  image: MetadataImage,
  policy: ConfigPolicy,
  isUnclean: boolean,
  topic: TopicImage,
  partition: PartitionImage,
): { readonly error: ApiError; readonly record?: MetadataRecord } {
  const isFine = isUnclean ? partition.leader !== NO_LEADER : hasPreferredLeader(partition);
  if (isFine) return { error: failed(Errors.ELECTION_NOT_NEEDED) };
  const record = electionRecord(image, policy, { topic, partition, election: isUnclean ? 'unclean' : 'preferred' });
  if (record !== undefined) return { error: NO_ERROR, record };
  return {
    error: failed(isUnclean ? Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE : Errors.PREFERRED_LEADER_NOT_AVAILABLE),
  };
}

interface ElectionIn {
  readonly topic: TopicImage;
  readonly partition: PartitionImage;
  readonly election: Election;
}

function electionRecord(
  image: MetadataImage,
  policy: ConfigPolicy,
  { topic, partition, election }: ElectionIn,
): PartitionChangeRecord | undefined {
  return partitionChange({
    topicId: topic.id,
    partition,
    targetIsr: partition.isr,
    isAcceptableLeader: (id) => mayLead(image, partition, id),
    uncleanShutdownReplicas: [],
    features: image.features,
    minIsr: settingsOf(image, topic, policy).minIsr,
    election,
    directoryOf: (id) => defaultDirectory(image, id),
  });
}

/** Kafka's MAX_ELECTIONS_PER_IMBALANCE: what a periodic election does at a time. */
const MAX_ELECTIONS_AT_ONCE = 1000;

/** auto.leader.rebalance.enable: replicas[0] leads where it can. The response says whether there is more to do. */
export function balanceLeaders({ image, partitions }: ControllerState, policy: ConfigPolicy): Outcome<boolean> {
  const records: MetadataRecord[] = [];
  for (const { topic, partition } of partitionsOf(image, partitions.imbalanced)) {
    if (records.length >= MAX_ELECTIONS_AT_ONCE) return { records, response: true };
    if (hasPreferredLeader(partition)) continue;
    const record = electionRecord(image, policy, { topic, partition, election: 'preferred' });
    if (record !== undefined) records.push(record);
  }
  return { records, response: false };
}

/** Unclean elections where a topic allows them and nobody leads. The response says whether there is more to do. */
export function electUncleanly({ image, partitions }: ControllerState, policy: ConfigPolicy): Outcome<boolean> {
  const records: MetadataRecord[] = [];
  for (const { topic, partition } of partitionsOf(image, partitions.leaderless)) {
    if (records.length >= MAX_ELECTIONS_AT_ONCE) return { records, response: true };
    if (partition.leader !== NO_LEADER || !settingsOf(image, topic, policy).allowsUncleanElection) continue;
    const record = electionRecord(image, policy, { topic, partition, election: 'unclean' });
    if (record !== undefined) records.push(record);
  }
  return { records, response: false };
}

function* partitionsOf(
  image: MetadataImage,
  tally: TopicTally,
): Generator<{ readonly topic: TopicImage; readonly partition: PartitionImage }> {
  for (const topicId of tally.topicIds()) {
    const topic = image.topics.byId.get(topicId) as TopicImage;
    for (const partition of topic.partitions) yield { topic, partition };
  }
}

const failed = (errorCode: number): ApiError => ({ errorCode, errorMessage: textOf(errorCode) });
const unknown = (errorMessage: string): ApiError => ({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, errorMessage });
