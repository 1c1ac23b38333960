// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ConsumerGroupHeartbeatTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 joins, -1 leaves, -2 leaves for a while (static member). */
  readonly memberEpoch: number;
  /** Set for static members (KIP-345). */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** How long members may take to join again, or to give up partitions. */
  readonly rebalanceTimeoutMs: number;
  readonly subscribedTopicNames: readonly string[] | null;
  /** RE2 syntax. Since version 1. */
  readonly subscribedTopicRegex: string | null;
  /** 'range', 'uniform' or null for the broker's choice. */
  readonly serverAssignor: string | null;
  /** What the member owns. */
  readonly topicPartitions: readonly ConsumerGroupHeartbeatTopicPartitions[] | null;
}
