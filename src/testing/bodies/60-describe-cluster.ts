// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean;
  /** 1 brokers, 2 controllers. Since version 1. */
  readonly endpointType: number;
  /** Since version 2. */
  readonly includeFencedBrokers: boolean;
}
