// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ProduceTopicDataPartitionData {
  readonly index: number;
  /** As they were sent; gone when the request has been answered. */
  readonly records: Uint8Array | null;
}

export interface ProduceTopicData {
  /** Until version 12. */
  readonly name: string;
  /** Since version 13. */
  readonly topicId: string;
  readonly partitionData: readonly ProduceTopicDataPartitionData[];
}

export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** 0: no answer, 1: the leader has it, -1: all of the ISR have it. */
  readonly acks: number;
  /** How long the broker may wait for the ISR. */
  readonly timeoutMs: number;
  readonly topicData: readonly ProduceTopicData[];
}
