// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface RenewDelegationTokenRequest {
  /** What the client proves its knowledge of the token with. */
  readonly hmac: Uint8Array;
  readonly renewPeriodMs: number;
}
