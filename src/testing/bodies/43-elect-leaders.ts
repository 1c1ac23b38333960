// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ElectLeadersTopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ElectLeadersRequest {
  /** 0 preferred, 1 unclean. Since version 1. */
  readonly electionType: number;
  /** null: all partitions. */
  readonly topicPartitions: readonly ElectLeadersTopicPartitions[] | null;
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
}
