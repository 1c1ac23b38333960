// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterShareGroupOffsetsTopicsPartitions {
  readonly partitionIndex: number;
  readonly startOffset: number;
}

export interface AlterShareGroupOffsetsTopics {
  readonly topicName: string;
  readonly partitions: readonly AlterShareGroupOffsetsTopicsPartitions[];
}

export interface AlterShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly AlterShareGroupOffsetsTopics[];
}
