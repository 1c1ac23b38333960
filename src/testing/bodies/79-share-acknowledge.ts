// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ShareAcknowledgeTopicsPartitionsAcknowledgementBatches {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** 0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for the whole range or one per record. */
  readonly acknowledgeTypes: readonly number[];
}

export interface ShareAcknowledgeTopicsPartitions {
  readonly partitionIndex: number;
  readonly acknowledgementBatches: readonly ShareAcknowledgeTopicsPartitionsAcknowledgementBatches[];
}

export interface ShareAcknowledgeTopics {
  readonly topicId: string;
  readonly partitions: readonly ShareAcknowledgeTopicsPartitions[];
}

export interface ShareAcknowledgeRequest {
  readonly groupId: string | null;
  readonly memberId: string | null;
  /** 0 begins a session, -1 ends it, else counts its requests. */
  readonly shareSessionEpoch: number;
  /** true: some acknowledgements renew locks (KIP-1222). Since version 2. */
  readonly isRenewAck: boolean;
  readonly topics: readonly ShareAcknowledgeTopics[];
}
