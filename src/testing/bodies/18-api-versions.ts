// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ApiVersionsRequest {
  /** Letters, digits, dots and hyphens (KIP-511). Since version 3. */
  readonly clientSoftwareName: string;
  /** Since version 3. */
  readonly clientSoftwareVersion: string;
}
