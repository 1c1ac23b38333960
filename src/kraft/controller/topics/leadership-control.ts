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
import { isActive } from '../placement/broker-liveness.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { partitionChange } from './partition-change-builder.ts';

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
  | { readonly kind: 'joins'; readonly brokerId: number };

export function leadershipRecords(image: MetadataImage, policy: ConfigPolicy, change: BrokerChange): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  for (const topic of image.topics.byId.values()) {
    let settings: TopicSettings | undefined;
    for (const partition of topic.partitions) {
      if (!isAffected(topic.id, partition, change)) continue;
      settings ??= settingsOf(image, topic, policy);
      const record = partitionChange({
        topicId: topic.id,
        partition,
        targetIsr: change.kind === 'joins' ? partition.isr : partition.isr.filter((id) => id !== change.brokerId),
        isAcceptableLeader: (id) => isAcceptable(image, partition, id, change),
        uncleanShutdownReplicas: change.kind === 'lost its tail' ? [change.brokerId] : [],
        features: image.features,
        ...settings,
      });
      if (record !== undefined) records.push(record);
    }
  }
  return records;
}

/** True while a broker that wants to stop still leads a partition. */
export function leadsAnything(image: MetadataImage, brokerId: number): boolean {
  for (const topic of image.topics.byId.values()) {
    for (const partition of topic.partitions) if (partition.leader === brokerId) return true;
  }
  return false;
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
    minIsr: Number(effective('min.insync.replicas')),
    allowsUncleanElection: effective('unclean.leader.election.enable') === 'true',
  };
}

function isAffected(topicId: string, partition: PartitionImage, change: BrokerChange): boolean {
  const { isr, elr, leader } = partition;
  const { kind, brokerId } = change;
  if (kind === 'joins') return leader === NO_LEADER;
  if (kind === 'lost directories' && !change.isLost(topicId, partition)) return false;
  return isr.includes(brokerId) || (kind === 'lost its tail' && elr.includes(brokerId));
}

/** Whoever joins counts as there already, whoever leaves as gone; a replica in a lost directory cannot lead (KIP-858). */
function isAcceptable(image: MetadataImage, partition: PartitionImage, id: number, change: BrokerChange): boolean {
  if (change.kind !== 'joins' && id === change.brokerId) return false;
  if (change.kind === 'joins' ? id !== change.brokerId && !isActive(image, id) : !isActive(image, id)) return false;
  return isDirectoryOnline(image, partition, id);
}

/** May this broker lead the partition as things are? */
export function mayLead(image: MetadataImage, partition: PartitionImage, brokerId: number): boolean {
  return isActive(image, brokerId) && isDirectoryOnline(image, partition, brokerId);
}

function isDirectoryOnline(image: MetadataImage, partition: PartitionImage, id: number): boolean {
  return hasOnlineDirectory(partition, id, image.cluster.brokers.get(id)?.directories ?? []);
}
