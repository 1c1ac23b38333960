// ElectLeaders (KIP-183, KIP-460): the preferred replica shall lead, or anybody where nobody does (Kafka:
// ReplicationControlManager.electLeaders).
import { Errors, errorMessage as textOf, KafkaError } from '../../../protocol/index.ts';
import type { ElectLeadersRequest, ElectLeadersResponse } from '../../../protocol/messages/43-elect-leaders.ts';
import {
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  type PartitionImage,
  type TopicImage,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { mayLead, settingsOf } from './leadership-control.ts';
import { type ApiError, NO_ERROR, type Outcome } from '../operation.ts';
import { partitionChange } from './partition-change-builder.ts';

const PREFERRED = 0;
const UNCLEAN = 1;

type TopicResult = ElectLeadersResponse['replicaElectionResults'][number];

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
  const records: MetadataRecord[] = [];
  const elect = (topic: TopicImage, partition: PartitionImage): ApiError => {
    const outcome = electLeader(image, policy, electionType === UNCLEAN, topic, partition);
    if (outcome.record !== undefined) records.push(outcome.record);
    return outcome.error;
  };
  const replicaElectionResults =
    topicPartitions === null ? everyPartition(image, elect) : namedPartitions(image, topicPartitions, elect);
  return { records, response: { throttleTimeMs: 0, errorCode: Errors.NONE, replicaElectionResults } };
}

type Elect = (topic: TopicImage, partition: PartitionImage) => ApiError;

/** Elects in all partitions; the answer names only those that needed it. */
function everyPartition(image: MetadataImage, elect: Elect): TopicResult[] {
  return Array.from(image.topics.byId.values(), (topic) => ({
    topic: topic.name,
    partitionResult: topic.partitions
      .map((partition) => ({ partitionId: partition.partition, ...elect(topic, partition) }))
      .filter(({ errorCode }) => errorCode !== Errors.ELECTION_NOT_NEEDED),
  }));
}

function namedPartitions(
  image: MetadataImage,
  asked: NonNullable<ElectLeadersRequest['topicPartitions']>,
  elect: Elect,
): TopicResult[] {
  return asked.map(({ topic: name, partitions }) => {
    const topic = image.topics.byName.get(name);
    const partitionResult = partitions.map((partitionId) => {
      const partition = topic?.partitions[partitionId];
      if (topic === undefined) return { partitionId, ...unknown(`No such topic as ${name}`) };
      if (partition === undefined) return { partitionId, ...unknown(`No such partition as ${name}-${partitionId}`) };
      return { partitionId, ...elect(topic, partition) };
    });
    return { topic: name, partitionResult };
  });
}

function electLeader(
  image: MetadataImage,
  policy: ConfigPolicy,
  isUnclean: boolean,
  topic: TopicImage,
  partition: PartitionImage,
): { readonly error: ApiError; readonly record?: MetadataRecord } {
  const isFine = isUnclean ? partition.leader !== NO_LEADER : partition.leader === partition.replicas[0];
  if (isFine) return { error: failed(Errors.ELECTION_NOT_NEEDED) };
  const { minIsr } = settingsOf(image, topic, policy);
  const record = partitionChange({
    topicId: topic.id,
    partition,
    targetIsr: partition.isr,
    isAcceptableLeader: (id) => mayLead(image, partition, id),
    uncleanShutdownReplicas: [],
    features: image.features,
    minIsr,
    allowsUncleanElection: isUnclean,
    isPreferredElection: !isUnclean,
  });
  if (record !== undefined) return { error: NO_ERROR, record };
  return {
    error: failed(isUnclean ? Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE : Errors.PREFERRED_LEADER_NOT_AVAILABLE),
  };
}

const failed = (errorCode: number): ApiError => ({ errorCode, errorMessage: textOf(errorCode) });
const unknown = (errorMessage: string): ApiError => ({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, errorMessage });
