// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  /** Since version 3. */
  readonly includeAuthorizedOperations: boolean;
}
