// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterPartitionTopicsPartitionsNewIsrWithEpochs {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}

export interface AlterPartitionTopicsPartitions {
  readonly partitionIndex: number;
  readonly leaderEpoch: number;
  /** Until version 2. */
  readonly newIsr: readonly number[];
  /** Since version 3. */
  readonly newIsrWithEpochs: readonly AlterPartitionTopicsPartitionsNewIsrWithEpochs[];
  /** 0 recovered, 1 recovering from an unclean election. */
  readonly leaderRecoveryState: number;
  /** Counts the changes of the partition; a stale one is refused. */
  readonly partitionEpoch: number;
}

export interface AlterPartitionTopics {
  readonly topicId: string;
  readonly partitions: readonly AlterPartitionTopicsPartitions[];
}

export interface AlterPartitionRequest {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  readonly topics: readonly AlterPartitionTopics[];
}
