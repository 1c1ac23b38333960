// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ShareFetchTopicsPartitionsAcknowledgementBatches {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** 0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for the whole range or one per record. */
  readonly acknowledgeTypes: readonly number[];
}

export interface ShareFetchTopicsPartitions {
  readonly partitionIndex: number;
  readonly acknowledgementBatches: readonly ShareFetchTopicsPartitionsAcknowledgementBatches[];
}

export interface ShareFetchTopics {
  readonly topicId: string;
  readonly partitions: readonly ShareFetchTopicsPartitions[];
}

export interface ShareFetchForgottenTopicsData {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ShareFetchRequest {
  readonly groupId: string | null;
  readonly memberId: string | null;
  /** 0 begins a session, -1 ends it, else counts its requests. */
  readonly shareSessionEpoch: number;
  /** How long the broker may wait for minBytes. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  /** 0 whole batches, 1 at most maxRecords records. Since version 2. */
  readonly shareAcquireMode: number;
  /** true: some acknowledgements renew locks (KIP-1222). Since version 2. */
  readonly isRenewAck: boolean;
  readonly topics: readonly ShareFetchTopics[];
  /** Partitions to drop from the session. */
  readonly forgottenTopicsData: readonly ShareFetchForgottenTopicsData[];
}
