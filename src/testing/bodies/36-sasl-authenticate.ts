// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface SaslAuthenticateRequest {
  /** Token of the mechanism. */
  readonly authBytes: Uint8Array;
}
