// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface BrokerHeartbeatRequest {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  /** Up to where the broker has applied the metadata log. */
  readonly currentMetadataOffset: number;
  readonly wantFence: boolean;
  /** The broker wants its leaderships moved away. */
  readonly wantShutDown: boolean;
  /** Ids of directories that have failed. Since version 1. */
  readonly offlineLogDirs: readonly string[];
  /** Ids of directories that take no new replicas (KIP-1066). Since version 2. */
  readonly cordonedLogDirs: readonly string[] | null;
}
