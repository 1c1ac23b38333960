// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeUserScramCredentialsUsers {
  readonly name: string;
}

export interface DescribeUserScramCredentialsRequest {
  /** null or empty: all. */
  readonly users: readonly DescribeUserScramCredentialsUsers[] | null;
}
