// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface VoteTopicsPartitions {
  readonly partitionIndex: number;
  /** The epoch to vote for. */
  readonly replicaEpoch: number;
  /** The candidate. */
  readonly replicaId: number;
  /** Directory of the replica (KIP-853). Since version 1. */
  readonly replicaDirectoryId: string;
  /** Directory of the replica that is meant (KIP-853). Since version 1. */
  readonly voterDirectoryId: string;
  /** Epoch of its last record. */
  readonly lastOffsetEpoch: number;
  /** End of the log of the candidate. */
  readonly lastOffset: number;
  /** true: only asks whether there would be a vote. Since version 2. */
  readonly preVote: boolean;
}

export interface VoteTopics {
  readonly topicName: string;
  readonly partitions: readonly VoteTopicsPartitions[];
}

export interface VoteRequest {
  readonly clusterId: string | null;
  /** Since version 1. */
  readonly voterId: number;
  readonly topics: readonly VoteTopics[];
}
