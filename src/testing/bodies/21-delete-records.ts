// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DeleteRecordsTopicsPartitions {
  readonly partitionIndex: number;
  readonly offset: number;
}

export interface DeleteRecordsTopics {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsTopicsPartitions[];
}

export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsTopics[];
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
}
