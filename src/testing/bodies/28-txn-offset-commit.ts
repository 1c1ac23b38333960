// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface TxnOffsetCommitTopicsPartitions {
  readonly partitionIndex: number;
  readonly committedOffset: number | bigint;
  /** Since version 2. */
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface TxnOffsetCommitTopics {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitTopicsPartitions[];
}

export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  /** -1 outside of a group. Since version 3. */
  readonly generationId: number;
  /** Since version 3. */
  readonly memberId: string;
  /** Set for static members (KIP-345). Since version 3. */
  readonly groupInstanceId: string | null;
  readonly topics: readonly TxnOffsetCommitTopics[];
}
