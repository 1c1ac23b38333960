// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ReadShareGroupStateSummaryTopicsPartitions {
  readonly partition: number;
  readonly leaderEpoch: number;
}

export interface ReadShareGroupStateSummaryTopics {
  readonly topicId: string;
  readonly partitions: readonly ReadShareGroupStateSummaryTopicsPartitions[];
}

export interface ReadShareGroupStateSummaryRequest {
  readonly groupId: string;
  readonly topics: readonly ReadShareGroupStateSummaryTopics[];
}
