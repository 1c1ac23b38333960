// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface BeginQuorumEpochTopicsPartitions {
  readonly partitionIndex: number;
  /** Directory of the replica that is meant (KIP-853). Since version 1. */
  readonly voterDirectoryId: string;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface BeginQuorumEpochTopics {
  readonly topicName: string;
  readonly partitions: readonly BeginQuorumEpochTopicsPartitions[];
}

export interface BeginQuorumEpochLeaderEndpoints {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface BeginQuorumEpochRequest {
  readonly clusterId: string | null;
  /** Since version 1. */
  readonly voterId: number;
  readonly topics: readonly BeginQuorumEpochTopics[];
  /** Since version 1. */
  readonly leaderEndpoints: readonly BeginQuorumEpochLeaderEndpoints[];
}
