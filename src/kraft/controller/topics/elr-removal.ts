// What becomes of eligible replicas when the feature is switched off (KIP-966). Apache Kafka leaves them where they are until the
// partition changes: nothing keeps them complete from then on, and who switches the feature on again may have a leader elected
// that lacks committed records. Here they go with the feature. Where nobody is in sync any more, one of them, which is complete
// to this day, is the last of the ISR, as it would be without the feature: it leads when it is back.
import {
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER_CHANGE,
  NO_RECOVERY_CHANGE,
  type PartitionImage,
  partitionRecordVersion,
} from '../../metadata/index.ts';

export function* endOfEligibleReplicas(image: MetadataImage): Generator<MetadataRecord> {
  const version = partitionRecordVersion(image.features.metadataVersion);
  for (const { id: topicId, partitions } of image.topics.byId.values()) {
    for (const partition of partitions) {
      const { elr, lastKnownElr } = partition;
      if (elr.length === 0 && lastKnownElr.length === 0) continue;
      yield {
        type: 'PartitionChangeRecord',
        version,
        partitionId: partition.partition,
        topicId,
        isr: lastInSync(partition),
        leader: NO_LEADER_CHANGE,
        replicas: null,
        removingReplicas: null,
        addingReplicas: null,
        leaderRecoveryState: NO_RECOVERY_CHANGE,
        directories: null,
        eligibleLeaderReplicas: elr.length === 0 ? null : [],
        lastKnownElr: lastKnownElr.length === 0 ? null : [],
      };
    }
  }
}

function lastInSync({ isr, elr, lastKnownElr }: PartitionImage): number[] | null {
  const [first] = elr;
  if (isr.length > 0 || first === undefined) return null;
  const [lastLeader] = lastKnownElr;
  return [lastLeader !== undefined && elr.includes(lastLeader) ? lastLeader : first];
}
