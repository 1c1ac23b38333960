// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface JoinGroupProtocols {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface JoinGroupRequest {
  readonly groupId: string;
  /** A member that is silent for longer is thrown out. */
  readonly sessionTimeoutMs: number;
  /** How long members may take to join again, or to give up partitions. Since version 1. */
  readonly rebalanceTimeoutMs: number;
  /** Empty when joining for the first time. */
  readonly memberId: string;
  /** Set for static members (KIP-345). Since version 5. */
  readonly groupInstanceId: string | null;
  /** 'consumer' for consumers, 'connect' for Connect workers. */
  readonly protocolType: string;
  /** In the order the member prefers them. */
  readonly protocols: readonly JoinGroupProtocols[];
  /** For the log of the broker. Since version 8. */
  readonly reason: string | null;
}
