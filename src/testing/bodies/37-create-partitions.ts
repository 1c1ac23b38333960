// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface CreatePartitionsTopicsAssignments {
  readonly brokerIds: readonly number[];
}

export interface CreatePartitionsTopics {
  readonly name: string;
  /** Partitions wanted in all. */
  readonly count: number;
  /** One per new partition; null: the controller chooses. */
  readonly assignments: readonly CreatePartitionsTopicsAssignments[] | null;
}

export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsTopics[];
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
  /** true: only say whether it would work. */
  readonly validateOnly: boolean;
}
