// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DeleteTopicsTopics {
  readonly name: string | null;
  readonly topicId: string;
}

export interface DeleteTopicsRequest {
  /** Since version 6. */
  readonly topics: readonly DeleteTopicsTopics[];
  /** Until version 5. */
  readonly topicNames: readonly string[];
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
}
