// Finalised feature levels (KIP-584) and which record versions the metadata version lets us write (MetadataVersion.java).
import type { FeatureRange } from './cluster-image.ts';

export const METADATA_VERSION = 'metadata.version';
export const KRAFT_VERSION = 'kraft.version';
export const ELIGIBLE_LEADER_REPLICAS_VERSION = 'eligible.leader.replicas.version';

/** 4.3-IV0: what a fresh cluster is formatted with. */
export const LATEST_METADATA_VERSION = 30;
/** 3.3-IV3, the oldest that Kafka 4 still reads. */
export const MINIMUM_METADATA_VERSION = 7;

/**
 * What a node of ours can live with (registrations, ApiVersions): the ranges of Kafka 4.3.1, so that a directory of its
 * making opens with the levels that it has. A fresh cluster is formatted with what is served.
 */
export const SUPPORTED_FEATURES: readonly FeatureRange[] = [
  {
    name: METADATA_VERSION,
    minSupportedVersion: MINIMUM_METADATA_VERSION,
    maxSupportedVersion: LATEST_METADATA_VERSION,
  },
  { name: KRAFT_VERSION, minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: ELIGIBLE_LEADER_REPLICAS_VERSION, minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
];

export interface FeaturesImage {
  readonly metadataVersion: number;
  /** Level by feature, metadata.version included; a level of 0 is not listed. kraft.version stands elsewhere. */
  readonly levels: ReadonlyMap<string, number>;
}

export const EMPTY_FEATURES: FeaturesImage = { metadataVersion: MINIMUM_METADATA_VERSION, levels: new Map() };

export function featuresWith(base: FeaturesImage, name: string, level: number): FeaturesImage {
  const levels = new Map(base.levels);
  if (level === 0) levels.delete(name);
  else levels.set(name, level);
  return { metadataVersion: name === METADATA_VERSION ? level : base.metadataVersion, levels };
}

export const isElrEnabled = (features: FeaturesImage): boolean =>
  (features.levels.get(ELIGIBLE_LEADER_REPLICAS_VERSION) ?? 0) >= 1;

/** PartitionRecord and PartitionChangeRecord gained directories with 3.7-IV2 and eligible replicas with 4.0-IV1. */
export function partitionRecordVersion(metadataVersion: number): number {
  if (metadataVersion >= 23) return 2;
  return metadataVersion >= 17 ? 1 : 0;
}

export function registerBrokerRecordVersion(metadataVersion: number): number {
  if (metadataVersion >= 30) return 4;
  if (metadataVersion >= 17) return 3;
  return metadataVersion >= 8 ? 2 : 1;
}

/** Versions that changed what stands in records; a way back over one of them would lose metadata. */
const CHANGES_OF_RECORDS: readonly number[] = [8, 11, 13, 14, 15, 17, 23, 30];

/** Do the metadata versions differ in what records say? */
export const hasMetadataChanged = (older: number, newer: number): boolean =>
  CHANGES_OF_RECORDS.some((version) => version > older && version <= newer);

/** Metadata transactions (KIP-868) came with 3.6-IV0, RegisterControllerRecord with 3.7-IV0. */
export const hasMetadataTransactions = (metadataVersion: number): boolean => metadataVersion >= 13;
export const hasControllerRegistrations = (metadataVersion: number): boolean => metadataVersion >= 15;
export const hasCordonedDirectories = (metadataVersion: number): boolean => metadataVersion >= 30;
