// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface SaslHandshakeRequest {
  readonly mechanism: string;
}
