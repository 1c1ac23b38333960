// Which features a cluster has that is formatted for a release (Kafka: Feature.defaultLevel): the highest level of each whose own
// metadata.version is not above.
import {
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  GROUP_VERSION,
  METADATA_VERSION,
  SHARE_VERSION,
  STREAMS_VERSION,
  TRANSACTION_VERSION,
} from '../metadata/index.ts';

/** Feature, level, and from which metadata.version on a fresh cluster has it. */
const SINCE: readonly (readonly [feature: string, level: number, metadataVersion: number])[] = [
  [GROUP_VERSION, 1, 22],
  [TRANSACTION_VERSION, 2, 24],
  [ELIGIBLE_LEADER_REPLICAS_VERSION, 1, 26],
  [STREAMS_VERSION, 1, 29],
  [SHARE_VERSION, 1, 28],
];

export function defaultFeatureLevels(metadataVersion: number): ReadonlyMap<string, number> {
  const levels = SINCE.filter(([, , since]) => metadataVersion >= since).map(([name, level]) => [name, level] as const);
  return new Map([[METADATA_VERSION, metadataVersion], ...levels]);
}
