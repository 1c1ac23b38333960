// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeConfigsResources {
  readonly resourceType: number;
  readonly resourceName: string;
  /** null: all. */
  readonly configurationKeys: readonly string[] | null;
}

export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsResources[];
  readonly includeSynonyms: boolean;
  /** Since version 3. */
  readonly includeDocumentation: boolean;
}
