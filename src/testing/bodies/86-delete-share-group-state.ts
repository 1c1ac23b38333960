// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DeleteShareGroupStateTopicsPartitions {
  readonly partition: number;
}

export interface DeleteShareGroupStateTopics {
  readonly topicId: string;
  readonly partitions: readonly DeleteShareGroupStateTopicsPartitions[];
}

export interface DeleteShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteShareGroupStateTopics[];
}
