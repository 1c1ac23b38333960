// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface CreateDelegationTokenRenewers {
  readonly principalType: string;
  readonly principalName: string;
}

export interface CreateDelegationTokenRequest {
  /** Since version 3. */
  readonly ownerPrincipalType: string | null;
  /** Since version 3. */
  readonly ownerPrincipalName: string | null;
  /** Principals that may renew the token beside the owner. */
  readonly renewers: readonly CreateDelegationTokenRenewers[];
  /** -1 for the broker's delegation.token.max.lifetime.ms. */
  readonly maxLifetimeMs: number;
}
