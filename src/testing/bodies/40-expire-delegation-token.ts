// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ExpireDelegationTokenRequest {
  /** What the client proves its knowledge of the token with. */
  readonly hmac: Uint8Array;
  /** Negative: at once. */
  readonly expiryTimePeriodMs: number;
}
