// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ListPartitionReassignmentsTopics {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface ListPartitionReassignmentsRequest {
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
  /** null: all. */
  readonly topics: readonly ListPartitionReassignmentsTopics[] | null;
}
