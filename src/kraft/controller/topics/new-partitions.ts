// Records of partitions that come into being: placed by us or by the client (Kafka: ReplicationControlManager).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import { type MetadataImage, type PartitionRecord, partitionRecordVersion } from '../../metadata/index.ts';
import { defaultDirectory, isActive } from '../placement/broker-liveness.ts';

const FIRST_EPOCH = 0;

/** Throws KafkaError INVALID_REPLICA_ASSIGNMENT. `replicationFactor`: what the partitions before had. */
export function checkManualAssignment(
  image: MetadataImage,
  brokerIds: readonly number[],
  replicationFactor: number | undefined,
): void {
  if (brokerIds.length === 0) throw refused('The manual partition assignment includes an empty replica list.');
  const sorted = [...brokerIds].sort((one, other) => one - other);
  sorted.forEach((id, index) => {
    if (!image.cluster.brokers.has(id)) {
      throw refused(`The manual partition assignment includes broker ${id}, but no such broker is registered.`);
    }
    if (index > 0 && sorted[index - 1] === id) {
      throw refused(`The manual partition assignment includes the broker ${id} more than once.`);
    }
  });
  if (replicationFactor !== undefined && brokerIds.length !== replicationFactor) {
    throw refused(
      `The manual partition assignment includes a partition with ${brokerIds.length} replica(s), but this is not ` +
        `consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  }
}

/** Throws KafkaError INVALID_REPLICA_ASSIGNMENT when nobody of the assignment could lead. */
export function manualIsr(image: MetadataImage, partition: number, brokerIds: readonly number[]): number[] {
  const isr = brokerIds.filter((id) => isActive(image, id));
  if (isr.length > 0) return isr;
  throw refused(
    `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`,
  );
}

/** Throws KafkaError INVALID_REPLICATION_FACTOR when nobody of the placement could lead. */
export function placedIsr(image: MetadataImage, replicas: readonly number[]): number[] {
  const isr = replicas.filter((id) => isActive(image, id));
  if (isr.length > 0) return isr;
  throw new KafkaError(
    Errors.INVALID_REPLICATION_FACTOR,
    `Unable to replicate the partition ${replicas.length} time(s): All brokers are currently fenced or in controlled shutdown.`,
  );
}

export function newPartitionRecord(
  image: MetadataImage,
  facts: {
    readonly topicId: string;
    readonly partition: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
  },
): PartitionRecord {
  const version = partitionRecordVersion(image.features.metadataVersion);
  return {
    type: 'PartitionRecord',
    version,
    partitionId: facts.partition,
    topicId: facts.topicId,
    replicas: [...facts.replicas],
    isr: [...facts.isr],
    removingReplicas: [],
    addingReplicas: [],
    leader: facts.isr[0] as number,
    leaderRecoveryState: 0,
    leaderEpoch: FIRST_EPOCH,
    partitionEpoch: FIRST_EPOCH,
    directories: version < 1 ? [] : facts.replicas.map((id) => defaultDirectory(image, id)),
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  };
}

const refused = (message: string): KafkaError => new KafkaError(Errors.INVALID_REPLICA_ASSIGNMENT, message);
