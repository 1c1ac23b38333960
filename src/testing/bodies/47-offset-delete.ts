// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface OffsetDeleteTopicsPartitions {
  readonly partitionIndex: number;
}

export interface OffsetDeleteTopics {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteTopicsPartitions[];
}

export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteTopics[];
}
