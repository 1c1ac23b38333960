// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ListConfigResourcesRequest {
  /** Empty: all that the version knows. Since version 1. */
  readonly resourceTypes: readonly number[];
}
