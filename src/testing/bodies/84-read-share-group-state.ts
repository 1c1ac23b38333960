// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ReadShareGroupStateTopicsPartitions {
  readonly partition: number;
  readonly leaderEpoch: number;
}

export interface ReadShareGroupStateTopics {
  readonly topicId: string;
  readonly partitions: readonly ReadShareGroupStateTopicsPartitions[];
}

export interface ReadShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly ReadShareGroupStateTopics[];
}
