// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface MetadataTopics {
  /** Since version 10. */
  readonly topicId: string;
  readonly name: string | null;
}

export interface MetadataRequest {
  /** null: all topics; in version 0 an empty list means all. */
  readonly topics: readonly MetadataTopics[] | null;
  /** Has effect only where auto.create.topics.enable is set. Since version 4. */
  readonly allowAutoTopicCreation: boolean;
  /** Since version 8. Until version 10. */
  readonly includeClusterAuthorizedOperations: boolean;
  /** Since version 8. */
  readonly includeTopicAuthorizedOperations: boolean;
}
