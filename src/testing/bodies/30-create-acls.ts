// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface CreateAclsCreations {
  readonly resourceType: number;
  readonly resourceName: string;
  /** 3 literal, 4 prefixed. */
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface CreateAclsRequest {
  readonly creations: readonly CreateAclsCreations[];
}
