// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface SyncGroupAssignments {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  /** Set for static members (KIP-345). Since version 3. */
  readonly groupInstanceId: string | null;
  /** 'consumer' for consumers, 'connect' for Connect workers. Since version 5. */
  readonly protocolType: string | null;
  /** Since version 5. */
  readonly protocolName: string | null;
  readonly assignments: readonly SyncGroupAssignments[];
}
