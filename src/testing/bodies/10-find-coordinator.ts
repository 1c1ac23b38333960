// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface FindCoordinatorRequest {
  /** Until version 3. */
  readonly key: string;
  /** 0 group, 1 transaction, 2 share partition. Since version 1. */
  readonly keyType: number;
  /** A share partition is written group:topicId:partition. Since version 4. */
  readonly coordinatorKeys: readonly string[];
}
