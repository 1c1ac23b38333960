// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface EnvelopeRequest {
  /** Header and body as the client sent them. */
  readonly requestData: Uint8Array;
  /** Written by the KafkaPrincipalSerde of the broker. */
  readonly requestPrincipal: Uint8Array | null;
  /** 4 or 16 bytes. */
  readonly clientHostAddress: Uint8Array;
}
