// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface InitializeShareGroupStateTopicsPartitions {
  readonly partition: number;
  /** Set by the group coordinator; a stale one is fenced. */
  readonly stateEpoch: number;
  /** -1: to be found out. */
  readonly startOffset: number;
}

export interface InitializeShareGroupStateTopics {
  readonly topicId: string;
  readonly partitions: readonly InitializeShareGroupStateTopicsPartitions[];
}

export interface InitializeShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly InitializeShareGroupStateTopics[];
}
