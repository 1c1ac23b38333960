// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeTopicPartitionsTopics {
  readonly name: string;
}

export interface DescribeTopicPartitionsCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

export interface DescribeTopicPartitionsRequest {
  readonly topics: readonly DescribeTopicPartitionsTopics[];
  /** Partitions of one page. */
  readonly responsePartitionLimit: number;
  /** Where the page begins; null: at the start. */
  readonly cursor: DescribeTopicPartitionsCursor | null;
}
