// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeShareGroupOffsetsGroupsTopics {
  readonly topicName: string;
  readonly partitions: readonly number[];
}

export interface DescribeShareGroupOffsetsGroups {
  readonly groupId: string;
  readonly topics: readonly DescribeShareGroupOffsetsGroupsTopics[] | null;
}

export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly DescribeShareGroupOffsetsGroups[];
}
