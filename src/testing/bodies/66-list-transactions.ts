// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ListTransactionsRequest {
  /** Empty: all. */
  readonly stateFilters: readonly string[];
  /** Empty: all. */
  readonly producerIdFilters: readonly (number | bigint)[];
  /** Only transactions open for longer, in ms; negative: all. Since version 1. */
  readonly durationFilter: number | bigint;
  /** RE2 pattern of transactional ids; null or empty: all. Since version 2. */
  readonly transactionalIdPattern: string | null;
}
