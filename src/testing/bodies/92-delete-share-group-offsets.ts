// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DeleteShareGroupOffsetsTopics {
  readonly topicName: string;
}

export interface DeleteShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteShareGroupOffsetsTopics[];
}
