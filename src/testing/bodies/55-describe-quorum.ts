// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeQuorumTopicsPartitions {
  readonly partitionIndex: number;
}

export interface DescribeQuorumTopics {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumTopicsPartitions[];
}

export interface DescribeQuorumRequest {
  readonly topics: readonly DescribeQuorumTopics[];
}
