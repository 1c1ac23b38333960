// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface OffsetCommitTopicsPartitions {
  readonly partitionIndex: number;
  readonly committedOffset: number | bigint;
  /** Since version 6. */
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface OffsetCommitTopics {
  /** Until version 9. */
  readonly name: string;
  /** Since version 10. */
  readonly topicId: string;
  readonly partitions: readonly OffsetCommitTopicsPartitions[];
}

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** Generation of a classic group, member epoch of a consumer group, -1 outside of a group. */
  readonly generationIdOrMemberEpoch: number;
  readonly memberId: string;
  /** Set for static members (KIP-345). Since version 7. */
  readonly groupInstanceId: string | null;
  /** -1 for offsets.retention.minutes. Until version 4. */
  readonly retentionTimeMs: number | bigint;
  readonly topics: readonly OffsetCommitTopics[];
}
