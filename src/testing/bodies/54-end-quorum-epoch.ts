// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface EndQuorumEpochTopicsPartitionsPreferredCandidates {
  readonly candidateId: number;
  readonly candidateDirectoryId: string;
}

export interface EndQuorumEpochTopicsPartitions {
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** Voters by the end of their logs, the most complete first. Until version 0. */
  readonly preferredSuccessors: readonly number[];
  /** Voters by the end of their logs, the most complete first. Since version 1. */
  readonly preferredCandidates: readonly EndQuorumEpochTopicsPartitionsPreferredCandidates[];
}

export interface EndQuorumEpochTopics {
  readonly topicName: string;
  readonly partitions: readonly EndQuorumEpochTopicsPartitions[];
}

export interface EndQuorumEpochLeaderEndpoints {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface EndQuorumEpochRequest {
  readonly clusterId: string | null;
  readonly topics: readonly EndQuorumEpochTopics[];
  /** Since version 1. */
  readonly leaderEndpoints: readonly EndQuorumEpochLeaderEndpoints[];
}
