// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface DescribeDelegationTokenOwners {
  readonly principalType: string;
  readonly principalName: string;
}

export interface DescribeDelegationTokenRequest {
  /** null: all. */
  readonly owners: readonly DescribeDelegationTokenOwners[] | null;
}
