// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeClientQuotasComponents {
  readonly entityType: string;
  /** 0 exactly this name, 1 the default, 2 any name. */
  readonly matchType: number;
  /** The name, for matchType 0. */
  readonly match: string | null;
}

export interface DescribeClientQuotasRequest {
  readonly components: readonly DescribeClientQuotasComponents[];
  /** true: leave out entities that have other parts as well. */
  readonly strict: boolean;
}
