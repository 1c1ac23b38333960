// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeLogDirsTopics {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface DescribeLogDirsRequest {
  /** null: all. */
  readonly topics: readonly DescribeLogDirsTopics[] | null;
}
