// Who of the registered brokers may take replicas and lead (Kafka: ClusterControlManager's isActive and usableBrokers).
import {
  type BrokerRegistration,
  DIRECTORY_MIGRATING,
  DIRECTORY_UNASSIGNED,
  type MetadataImage,
} from '../../metadata/index.ts';
import type { UsableBroker } from './replica-placer.ts';

/** Active: neither fenced nor about to shut down (KIP-841). Only such brokers may be in an ISR or lead. */
export function isActive(image: MetadataImage, brokerId: number): boolean {
  const broker = image.cluster.brokers.get(brokerId);
  return broker !== undefined && !broker.isFenced && !broker.isInControlledShutdown;
}

/** Brokers that may get replicas of new partitions; fenced ones too, but never as the first. */
export function usableBrokers(image: MetadataImage): UsableBroker[] {
  const usable: UsableBroker[] = [];
  for (const broker of image.cluster.brokers.values()) {
    if (broker.isInControlledShutdown || isCordoned(broker)) continue;
    usable.push({ id: broker.id, rack: broker.rack, isFenced: broker.isFenced });
  }
  return usable;
}

function isCordoned({ directories, cordonedDirectories }: BrokerRegistration): boolean {
  if (cordonedDirectories === null || directories.length === 0) return false;
  return directories.every((directory) => cordonedDirectories.includes(directory));
}

/** KIP-858: a broker with one directory puts the replica there; one with several chooses and reports. */
export function defaultDirectory(image: MetadataImage, brokerId: number): string {
  const directories = image.cluster.brokers.get(brokerId)?.directories ?? [];
  if (directories.length === 0) return DIRECTORY_MIGRATING;
  return directories.length === 1 ? (directories[0] as string) : DIRECTORY_UNASSIGNED;
}
