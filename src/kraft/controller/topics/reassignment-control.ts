// Reassignments (KIP-455): which brokers are to hold the replicas of a partition, what of that is under way, and taking it
// back (Kafka: ReplicationControlManager, PartitionReassignmentReplicas, PartitionReassignmentRevert).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../../protocol/messages/45-alter-partition-reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../../protocol/messages/46-list-partition-reassignments.ts';
import { type MetadataImage, type MetadataRecord, type PartitionImage, type TopicImage } from '../../metadata/index.ts';
import { defaultDirectory } from '../placement/broker-liveness.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { type ControllerState, errorOf, type Outcome } from '../operation.ts';
import { mayLead, settingsOf, usualElection } from './leadership-control.ts';
import { checkManualAssignment } from './new-partitions.ts';
import { type Election, partitionChange } from './partition-change-builder.ts';
import { isUnderReassignment } from '../placement/partition-index.ts';

type AskedPartition = AlterPartitionReassignmentsRequest['topics'][number]['partitions'][number];
type OngoingTopic = ListPartitionReassignmentsResponse['topics'][number];

export function alterPartitionReassignments(
  image: MetadataImage,
  policy: ConfigPolicy,
  { topics, allowReplicationFactorChange }: AlterPartitionReassignmentsRequest,
): Outcome<AlterPartitionReassignmentsResponse> {
  const records: MetadataRecord[] = [];
  const responses = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((asked) => {
      const error = errorOf(() => {
        const record = changeOf(image, policy, name, asked, allowReplicationFactorChange);
        if (record !== undefined) records.push(record);
      });
      return { partitionIndex: asked.partitionIndex, ...error };
    }),
  }));
  const verdict = { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null };
  return { records, response: { ...verdict, allowReplicationFactorChange, responses } };
}

/** Throws KafkaError. */
function changeOf(
  image: MetadataImage,
  policy: ConfigPolicy,
  name: string,
  { partitionIndex, replicas }: AskedPartition,
  mayChangeFactor: boolean,
): MetadataRecord | undefined {
  const topic = image.topics.byName.get(name);
  if (topic === undefined) throw unknown(`Unable to find a topic named ${name}.`);
  const partition = topic.partitions[partitionIndex];
  if (partition === undefined) throw unknown(`Unable to find partition ${name}:${partitionIndex}.`);
  if (replicas === null) return cancelled(image, policy, topic, partition);
  checkManualAssignment(image, replicas, undefined);
  if (!mayChangeFactor) checkFactor(partition, replicas);
  const removing = missingFrom(replicas, partition.replicas);
  const adding = missingFrom(partition.replicas, replicas);
  return reassigned(image, policy, topic, partition, {
    replicas: [...replicas, ...removing],
    adding,
    removing,
    isr: partition.isr,
    election: 'online',
  });
}

/** Those of `list` that `others` lacks, in the order in which Kafka writes them. */
const missingFrom = (others: readonly number[], list: readonly number[]): number[] =>
  list.filter((id) => !others.includes(id)).sort((one, other) => one - other);

function checkFactor(partition: PartitionImage, replicas: readonly number[]): void {
  const current = originalReplicas(partition).length;
  if (replicas.length === current) return;
  throw new KafkaError(
    Errors.INVALID_REPLICATION_FACTOR,
    `The replication factor is changed from ${current} to ${replicas.length}`,
  );
}

/** The replicas as they were before what is under way began. */
const originalReplicas = ({ replicas, addingReplicas }: PartitionImage): number[] =>
  replicas.filter((id) => !addingReplicas.includes(id));

/** Throws KafkaError NO_REASSIGNMENT_IN_PROGRESS, or INVALID_REPLICA_ASSIGNMENT where it would cost committed records. */
function cancelled(
  image: MetadataImage,
  policy: ConfigPolicy,
  topic: TopicImage,
  partition: PartitionImage,
): MetadataRecord | undefined {
  if (!isUnderReassignment(partition)) throw new KafkaError(Errors.NO_REASSIGNMENT_IN_PROGRESS);
  const replicas = originalReplicas(partition);
  const isr = partition.isr.filter((id) => replicas.includes(id));
  const isUnclean = isr.length === 0;
  const settings = settingsOf(image, topic, policy);
  if (isUnclean && !settings.allowsUncleanElection) {
    throw new KafkaError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Unable to revert partition assignment for ${topic.name}:${partition.partition} because it would require an unclean leader election.`,
    );
  }
  const remaining = isUnclean ? replicas.slice(0, 1) : isr;
  const election = usualElection(settings);
  return reassigned(image, policy, topic, partition, { replicas, adding: [], removing: [], isr: remaining, election });
}

interface Target {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
  readonly isr: readonly number[];
  readonly election: Election;
}

function reassigned(
  image: MetadataImage,
  policy: ConfigPolicy,
  topic: TopicImage,
  partition: PartitionImage,
  { replicas, adding, removing, isr, election }: Target,
): MetadataRecord | undefined {
  return partitionChange({
    topicId: topic.id,
    partition,
    targetIsr: isr,
    isAcceptableLeader: (id) => mayLead(image, partition, id),
    uncleanShutdownReplicas: [],
    features: image.features,
    minIsr: settingsOf(image, topic, policy).minIsr,
    election,
    reassignment: { replicas, adding, removing },
    directoryOf: (id) => defaultDirectory(image, id),
  });
}

/** Reassignments under way, of the partitions that are named, or of all. */
export function listPartitionReassignments(
  { image, partitions }: ControllerState,
  { topics }: ListPartitionReassignmentsRequest,
): Outcome<ListPartitionReassignmentsResponse> {
  const asked =
    topics === null
      ? partitions.reassigning.topicIds().map((id) => ongoing(image.topics.byId.get(id), undefined))
      : topics.map(({ name, partitionIndexes }) => ongoing(image.topics.byName.get(name), partitionIndexes));
  const found = asked.filter((topic) => topic !== undefined);
  return {
    records: [],
    response: { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null, topics: found },
  };
}

function ongoing(topic: TopicImage | undefined, indexes: readonly number[] | undefined): OngoingTopic | undefined {
  if (topic === undefined) return undefined;
  const asked = indexes === undefined ? topic.partitions : indexes.map((index) => topic.partitions[index]);
  const partitions = asked
    .filter((partition) => partition !== undefined && isUnderReassignment(partition))
    .map((partition) => {
      const { partition: partitionIndex, replicas, addingReplicas, removingReplicas } = partition as PartitionImage;
      return {
        partitionIndex,
        replicas: [...replicas],
        addingReplicas: [...addingReplicas],
        removingReplicas: [...removingReplicas],
      };
    });
  return partitions.length === 0 ? undefined : { name: topic.name, partitions };
}

const unknown = (message: string): KafkaError => new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, message);
