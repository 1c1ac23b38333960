// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface FetchSnapshotTopicsPartitionsSnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

export interface FetchSnapshotTopicsPartitions {
  readonly partition: number;
  /** The replica's view. */
  readonly currentLeaderEpoch: number;
  readonly snapshotId: FetchSnapshotTopicsPartitionsSnapshotId;
  /** Byte within the snapshot. */
  readonly position: number;
  /** Directory of the replica (KIP-853). Since version 1. */
  readonly replicaDirectoryId: string;
}

export interface FetchSnapshotTopics {
  readonly name: string;
  readonly partitions: readonly FetchSnapshotTopicsPartitions[];
}

export interface FetchSnapshotRequest {
  readonly clusterId: string | null;
  /** -1 for whoever is no replica. */
  readonly replicaId: number;
  readonly maxBytes: number;
  readonly topics: readonly FetchSnapshotTopics[];
}
