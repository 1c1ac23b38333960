// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterUserScramCredentialsDeletions {
  readonly name: string;
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number;
}

export interface AlterUserScramCredentialsUpsertions {
  readonly name: string;
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly saltedPassword: Uint8Array;
}

export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly AlterUserScramCredentialsDeletions[];
  readonly upsertions: readonly AlterUserScramCredentialsUpsertions[];
}
