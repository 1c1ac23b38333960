// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeProducersTopics {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface DescribeProducersRequest {
  readonly topics: readonly DescribeProducersTopics[];
}
