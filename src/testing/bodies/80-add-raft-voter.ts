// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AddRaftVoterListeners {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface AddRaftVoterRequest {
  readonly clusterId: string | null;
  readonly timeoutMs: number;
  readonly voterId: number;
  /** Directory of the replica that is meant (KIP-853). */
  readonly voterDirectoryId: string;
  readonly listeners: readonly AddRaftVoterListeners[];
  /** true: answer when the new voter set is committed. Since version 1. */
  readonly ackWhenCommitted: boolean;
}
