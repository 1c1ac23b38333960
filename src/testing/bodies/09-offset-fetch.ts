// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface OffsetFetchTopics {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchGroupsTopics {
  /** Until version 9. */
  readonly name: string;
  /** Since version 10. */
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchGroups {
  readonly groupId: string;
  /** Since version 9. */
  readonly memberId: string | null;
  /** -1 outside of a group. Since version 9. */
  readonly memberEpoch: number;
  readonly topics: readonly OffsetFetchGroupsTopics[] | null;
}

export interface OffsetFetchRequest {
  /** Until version 7. */
  readonly groupId: string;
  /** Until version 7. */
  readonly topics: readonly OffsetFetchTopics[] | null;
  /** Since version 8. */
  readonly groups: readonly OffsetFetchGroups[];
  /** true: UNSTABLE_OFFSET_COMMIT while a transaction with offsets is open. Since version 7. */
  readonly requireStable: boolean;
}
