// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface RemoveRaftVoterRequest {
  readonly clusterId: string | null;
  readonly voterId: number;
  /** Directory of the replica that is meant (KIP-853). */
  readonly voterDirectoryId: string;
}
