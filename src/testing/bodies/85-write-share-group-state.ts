// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface WriteShareGroupStateTopicsPartitionsStateBatches {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** 0 available, 2 acknowledged, 4 archived. */
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

export interface WriteShareGroupStateTopicsPartitions {
  readonly partition: number;
  /** Set by the group coordinator; a stale one is fenced. */
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  /** -1: unchanged. */
  readonly startOffset: number;
  /** Records at or above the start offset that are done with; -1 when not known. Since version 1. */
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly WriteShareGroupStateTopicsPartitionsStateBatches[];
}

export interface WriteShareGroupStateTopics {
  readonly topicId: string;
  readonly partitions: readonly WriteShareGroupStateTopicsPartitions[];
}

export interface WriteShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly WriteShareGroupStateTopics[];
}
