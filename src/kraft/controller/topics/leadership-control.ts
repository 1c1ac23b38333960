// What the coming and going of a broker means for the partitions that it leads or replicates (Kafka:
// ReplicationControlManager.generateLeaderAndIsrUpdates).
import {
  hasOnlineDirectory,
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  type PartitionImage,
  RESOURCE_BROKER,
  RESOURCE_TOPIC,
  type TopicImage,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { ControllerState } from '../operation.ts';
import { defaultDirectory, isActive } from '../placement/broker-liveness.ts';
import { type Election, partitionChange } from './partition-change-builder.ts';
import type { PartitionIndex } from '../placement/partition-index.ts';

export type BrokerChange =
  /** Fenced or shutting down: it keeps what it has. */
  | { readonly kind: 'leaves'; readonly brokerId: number }
  /** Came back without having stopped in order: what it had not flushed may be lost. */
  | { readonly kind: 'lost its tail'; readonly brokerId: number }
  /** Some of its log directories have failed, and its replicas in them cannot be reached (KIP-858). */
  | {
      readonly kind: 'lost directories';
      readonly brokerId: number;
      readonly isLost: (topicId: string, partition: PartitionImage) => boolean;
    }
  /** Unfenced: may lead what has no leader. */
  | { readonly kind: 'joins'; readonly brokerId: number }
  /** A new active controller: whoever is there may lead what has no leader. */
  | { readonly kind: 'activates' };

/** Drawn one by one from the state as it is now, whatever happens to it meanwhile. */
export function leadershipRecords(
  { image, partitions }: ControllerState,
  policy: ConfigPolicy,
  change: BrokerChange,
): Iterable<MetadataRecord> {
  return recordsOf(image, policy, change, affectedTopics(partitions, change));
}

function affectedTopics(partitions: PartitionIndex, change: BrokerChange): Iterable<string> {
  if (change.kind === 'joins' || change.kind === 'activates') return partitions.leaderless.topicIds();
  const { kind, brokerId } = change;
  const inSync = partitions.inSync(brokerId).topicIds();
  if (kind !== 'lost its tail') return inSync;
  return new Set([...inSync, ...partitions.eligible(brokerId).topicIds()]);
}

function* recordsOf(
  image: MetadataImage,
  policy: ConfigPolicy,
  change: BrokerChange,
  topicIds: Iterable<string>,
): Generator<MetadataRecord> {
  for (const topicId of topicIds) {
    const topic = image.topics.byId.get(topicId) as TopicImage;
    const { minIsr, allowsUncleanElection } = settingsOf(image, topic, policy);
    for (const partition of topic.partitions) {
      if (!isAffected(topicId, partition, change)) continue;
      const record = partitionChange({
        topicId,
        partition,
        targetIsr: remainingIsr(partition, change),
        isAcceptableLeader: (id) => isAcceptable(image, partition, id, change),
        uncleanShutdownReplicas: change.kind === 'lost its tail' ? [change.brokerId] : [],
        features: image.features,
        minIsr,
        election: allowsUncleanElection ? 'unclean' : 'online',
        directoryOf: (id) => defaultDirectory(image, id),
      });
      if (record !== undefined) yield record;
    }
  }
}

export interface TopicSettings {
  readonly minIsr: number;
  readonly allowsUncleanElection: boolean;
}

/** A topic's value, else the cluster's, else that of this node's static configuration. */
export function settingsOf(image: MetadataImage, topic: TopicImage, policy: ConfigPolicy): TopicSettings {
  const effective = (name: string): string =>
    image.configs.get(RESOURCE_TOPIC, topic.name).get(name) ??
    image.configs.get(RESOURCE_BROKER, '').get(name) ??
    policy.brokerDefault(name);
  return {
    // No topic asks for more replicas in sync than its first partition has (ReplicationControlManager.getTopicEffectiveMinIsr).
    minIsr: Math.min(Number(effective('min.insync.replicas')), topic.partitions[0]?.replicas.length ?? 0),
    allowsUncleanElection: effective('unclean.leader.election.enable') === 'true',
  };
}

/** The election by which a topic without special wishes finds its leaders. */
export const usualElection = ({ allowsUncleanElection }: TopicSettings): Election =>
  allowsUncleanElection ? 'unclean' : 'online';

function remainingIsr({ isr }: PartitionImage, change: BrokerChange): readonly number[] {
  return change.kind === 'joins' || change.kind === 'activates' ? isr : isr.filter((id) => id !== change.brokerId);
}

function isAffected(topicId: string, partition: PartitionImage, change: BrokerChange): boolean {
  const { isr, elr, leader } = partition;
  if (change.kind === 'joins' || change.kind === 'activates') return leader === NO_LEADER;
  const { kind, brokerId } = change;
  if (kind === 'lost directories' && !change.isLost(topicId, partition)) return false;
  return isr.includes(brokerId) || (kind === 'lost its tail' && elr.includes(brokerId));
}

/**
 * Whoever joins counts as there already, unless it was about to stop; whoever leaves as gone. A replica in a lost directory
 * cannot lead (KIP-858).
 */
function isAcceptable(image: MetadataImage, partition: PartitionImage, id: number, change: BrokerChange): boolean {
  const isMeant = change.kind !== 'activates' && id === change.brokerId;
  const isComing = change.kind === 'joins' && image.cluster.brokers.get(id)?.isInControlledShutdown === false;
  const isThere = isMeant ? isComing : isActive(image, id);
  return isThere && isDirectoryOnline(image, partition, id);
}

/** May this broker lead the partition as things are? */
export function mayLead(image: MetadataImage, partition: PartitionImage, brokerId: number): boolean {
  return isActive(image, brokerId) && isDirectoryOnline(image, partition, brokerId);
}

function isDirectoryOnline(image: MetadataImage, partition: PartitionImage, id: number): boolean {
  // Who led last may be no replica any more (KIP-966's last known leader after a reassignment); Apache Kafka fails over that.
  if (!partition.replicas.includes(id)) return false;
  return hasOnlineDirectory(partition, id, image.cluster.brokers.get(id)?.directories ?? []);
}
