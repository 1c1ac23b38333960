// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ListGroupsRequest {
  /** Empty: all states. Since version 4. */
  readonly statesFilter: readonly string[];
  /** Empty: all types. Since version 5. */
  readonly typesFilter: readonly string[];
}
