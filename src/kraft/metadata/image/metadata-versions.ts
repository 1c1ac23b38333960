// The levels of metadata.version and what each of them lets stand in the metadata log (Kafka: MetadataVersion). A cluster
// keeps its level until somebody raises it, and nothing is written that a node of that level could not read.

/** Level 7 and all above, by name; `true`: from this level on records say something that they did not say before. */
const LEVELS: readonly (readonly [name: string, changesRecords: boolean])[] = [
  ['3.3-IV3', true],
  ['3.4-IV0', true],
  ['3.5-IV0', false],
  ['3.5-IV1', false],
  ['3.5-IV2', true],
  ['3.6-IV0', false],
  ['3.6-IV1', true],
  ['3.6-IV2', true],
  ['3.7-IV0', true],
  ['3.7-IV1', false],
  ['3.7-IV2', true],
  ['3.7-IV3', false],
  ['3.7-IV4', false],
  ['3.8-IV0', false],
  ['3.9-IV0', false],
  ['4.0-IV0', false],
  ['4.0-IV1', true],
  ['4.0-IV2', false],
  ['4.0-IV3', false],
  ['4.1-IV0', false],
  ['4.1-IV1', false],
  ['4.2-IV0', false],
  ['4.2-IV1', false],
  ['4.3-IV0', true],
];

/** 3.3-IV3, the oldest that Kafka 4 still reads. */
export const MINIMUM_METADATA_VERSION = 7;
/** 4.3-IV0: what a fresh cluster is formatted with. */
export const LATEST_METADATA_VERSION = MINIMUM_METADATA_VERSION + LEVELS.length - 1;

/** `3.5-IV2`; undefined for a level that is not known here. */
export const metadataVersionName = (level: number): string | undefined => LEVELS[level - MINIMUM_METADATA_VERSION]?.[0];

/** The level of a release: `3.5-IV2`, or `3.5` for its last one; undefined when there is none. */
export function metadataVersionOf(name: string): number | undefined {
  const at = LEVELS.findLastIndex(([known]) => known === name || known.startsWith(`${name}-IV`));
  return at < 0 ? undefined : MINIMUM_METADATA_VERSION + at;
}

/** Do records say more in the newer of the two? A way back would lose it. */
export const hasMetadataChanged = (older: number, newer: number): boolean =>
  LEVELS.slice(older + 1 - MINIMUM_METADATA_VERSION, newer + 1 - MINIMUM_METADATA_VERSION).some(
    ([, changes]) => changes,
  );

/** The leader epoch had to rise when an ISR shrank, before followers learnt to do without that (KAFKA-15021). */
export const bumpsLeaderEpochOnIsrShrink = (level: number): boolean => level < 12;
/** SCRAM credentials in the metadata log (KIP-900). */
export const hasScram = (level: number): boolean => level >= 11;
/** Metadata transactions (KIP-868). */
export const hasMetadataTransactions = (level: number): boolean => level >= 13;
/** Delegation tokens in the metadata log (KIP-900). */
export const hasDelegationTokens = (level: number): boolean => level >= 14;
/** RegisterControllerRecord (KIP-919). */
export const hasControllerRegistrations = (level: number): boolean => level >= 15;
/** In which log directory each replica lies (KIP-858). */
export const hasDirectoryAssignment = (level: number): boolean => level >= 17;
/** Log directories that take nothing new (KIP-1066). */
export const hasCordonedDirectories = (level: number): boolean => level >= 30;

/** PartitionRecord and PartitionChangeRecord gained directories with 3.7-IV2 and eligible replicas with 4.0-IV1. */
export function partitionRecordVersion(level: number): number {
  if (level >= 23) return 2;
  return hasDirectoryAssignment(level) ? 1 : 0;
}

export function registerBrokerRecordVersion(level: number): number {
  if (hasCordonedDirectories(level)) return 4;
  if (hasDirectoryAssignment(level)) return 3;
  return level >= 8 ? 2 : 1;
}
