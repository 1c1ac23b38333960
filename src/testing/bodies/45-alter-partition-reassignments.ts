// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterPartitionReassignmentsTopicsPartitions {
  readonly partitionIndex: number;
  /** null: cancel the reassignment. */
  readonly replicas: readonly number[] | null;
}

export interface AlterPartitionReassignmentsTopics {
  readonly name: string;
  readonly partitions: readonly AlterPartitionReassignmentsTopicsPartitions[];
}

export interface AlterPartitionReassignmentsRequest {
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
  /** false: refuse targets with another number of replicas. Since version 1. */
  readonly allowReplicationFactorChange: boolean;
  readonly topics: readonly AlterPartitionReassignmentsTopics[];
}
