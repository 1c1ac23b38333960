// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface UpdateRaftVoterListeners {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface UpdateRaftVoterKRaftVersionFeature {
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface UpdateRaftVoterRequest {
  readonly clusterId: string | null;
  /** The voter's view. */
  readonly currentLeaderEpoch: number;
  readonly voterId: number;
  /** Directory of the replica that is meant (KIP-853). */
  readonly voterDirectoryId: string;
  readonly listeners: readonly UpdateRaftVoterListeners[];
  readonly kRaftVersionFeature: UpdateRaftVoterKRaftVersionFeature;
}
