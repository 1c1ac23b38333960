// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface OffsetForLeaderEpochTopicsPartitions {
  readonly partition: number;
  /** The client's view; -1: do not check (KIP-320). */
  readonly currentLeaderEpoch: number;
  readonly leaderEpoch: number;
}

export interface OffsetForLeaderEpochTopics {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochTopicsPartitions[];
}

export interface OffsetForLeaderEpochRequest {
  /** -1 for consumers, -2 for debugging tools, else a broker id. Since version 3. */
  readonly replicaId: number;
  readonly topics: readonly OffsetForLeaderEpochTopics[];
}
