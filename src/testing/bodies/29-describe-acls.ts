// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeAclsRequest {
  readonly resourceTypeFilter: number;
  /** null: whatever it is. */
  readonly resourceNameFilter: string | null;
  /** 1 any, 2 match (what applies to the name), 3 literal, 4 prefixed. */
  readonly patternTypeFilter: number;
  /** null: whatever it is. */
  readonly principalFilter: string | null;
  /** null: whatever it is. */
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}
