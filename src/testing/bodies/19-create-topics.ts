// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface CreateTopicsTopicsAssignments {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

export interface CreateTopicsTopicsConfigs {
  readonly name: string;
  readonly value: string | null;
}

export interface CreateTopicsTopics {
  readonly name: string;
  /** -1 for the default, and with manual assignments. */
  readonly numPartitions: number;
  /** -1 for the default, and with manual assignments. */
  readonly replicationFactor: number;
  /** Manual assignment: partition to brokers, the preferred leader first. */
  readonly assignments: readonly CreateTopicsTopicsAssignments[];
  readonly configs: readonly CreateTopicsTopicsConfigs[];
}

export interface CreateTopicsRequest {
  readonly topics: readonly CreateTopicsTopics[];
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
  /** true: only say whether it would work. */
  readonly validateOnly: boolean;
}
