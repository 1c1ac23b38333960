// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ListOffsetsTopicsPartitions {
  readonly partitionIndex: number;
  /** The client's view; -1: do not check (KIP-320). Since version 4. */
  readonly currentLeaderEpoch: number;
  /** Milliseconds, or one of the special values. */
  readonly timestamp: number | bigint;
}

export interface ListOffsetsTopics {
  readonly name: string;
  readonly partitions: readonly ListOffsetsTopicsPartitions[];
}

export interface ListOffsetsRequest {
  /** -1 for consumers, -2 for debugging tools, else a broker id. */
  readonly replicaId: number;
  /** 0 read uncommitted, 1 read committed. Since version 2. */
  readonly isolationLevel: number;
  readonly topics: readonly ListOffsetsTopics[];
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. Since version 10. */
  readonly timeoutMs: number;
}
