// Finalised feature levels (KIP-584; Kafka: FeaturesImage), and which of them a node of ours can live with.
import type { FeatureRange } from './cluster-image.ts';
import { LATEST_METADATA_VERSION, MINIMUM_METADATA_VERSION } from './metadata-versions.ts';

export const METADATA_VERSION = 'metadata.version';
export const KRAFT_VERSION = 'kraft.version';
/** 1: streams groups (KIP-1071). */
export const STREAMS_VERSION = 'streams.version';
export const ELIGIBLE_LEADER_REPLICAS_VERSION = 'eligible.leader.replicas.version';
export const GROUP_VERSION = 'group.version';
export const SHARE_VERSION = 'share.version';
export const TRANSACTION_VERSION = 'transaction.version';

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
  { name: GROUP_VERSION, minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: SHARE_VERSION, minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: TRANSACTION_VERSION, minSupportedVersion: 0, maxSupportedVersion: 2 },
  { name: STREAMS_VERSION, minSupportedVersion: 0, maxSupportedVersion: 1 },
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

/** The level by which transactions are run: 1 has tagged fields in records, 2 an epoch for each transaction (KIP-890). */
export const transactionVersionOf = (features: FeaturesImage): number => features.levels.get(TRANSACTION_VERSION) ?? 0;

export const isElrEnabled = (features: FeaturesImage): boolean =>
  (features.levels.get(ELIGIBLE_LEADER_REPLICAS_VERSION) ?? 0) >= 1;
