// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface LeaveGroupMembers {
  readonly memberId: string;
  /** Set for static members (KIP-345). */
  readonly groupInstanceId: string | null;
  /** For the log of the broker. Since version 5. */
  readonly reason: string | null;
}

export interface LeaveGroupRequest {
  readonly groupId: string;
  /** Until version 2. */
  readonly memberId: string;
  /** Since version 3. */
  readonly members: readonly LeaveGroupMembers[];
}
