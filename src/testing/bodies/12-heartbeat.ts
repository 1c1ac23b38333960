// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  /** Set for static members (KIP-345). Since version 3. */
  readonly groupInstanceId: string | null;
}
