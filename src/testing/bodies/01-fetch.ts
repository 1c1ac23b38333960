// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface FetchReplicaState {
  /** -1 for consumers, -2 for debugging tools, else a broker id. */
  readonly replicaId: number;
  /** Broker epoch of the follower; -1 when not known. */
  readonly replicaEpoch: number;
}

export interface FetchTopicsPartitions {
  readonly partition: number;
  /** The client's view; -1: do not check (KIP-320). Since version 9. */
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  /** Epoch of the last record in the log of the follower; -1 when there is none. Since version 12. */
  readonly lastFetchedEpoch: number;
  /** Of the follower; -1 for consumers. Since version 5. */
  readonly logStartOffset: number;
  /** A soft limit: the first batch comes whole however large it is. */
  readonly partitionMaxBytes: number;
  /** Directory of the replica (KIP-853). Since version 17. */
  readonly replicaDirectoryId: string;
  /** Of the replica that asks; the largest int64 when it does not say. Since version 18. */
  readonly highWatermark: number;
}

export interface FetchTopics {
  /** Until version 12. */
  readonly topic: string;
  /** Since version 13. */
  readonly topicId: string;
  readonly partitions: readonly FetchTopicsPartitions[];
}

export interface FetchForgottenTopicsData {
  /** Until version 12. */
  readonly topic: string;
  /** Since version 13. */
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface FetchRequest {
  /** Since version 12. */
  readonly clusterId: string | null;
  /** -1 for consumers, -2 for debugging tools, else a broker id. Until version 14. */
  readonly replicaId: number;
  /** In place of replicaId (KIP-903). Since version 15. */
  readonly replicaState: FetchReplicaState;
  /** How long the broker may wait for minBytes. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** A soft limit: the first batch comes whole however large it is. */
  readonly maxBytes: number;
  /** 0 read uncommitted, 1 read committed. */
  readonly isolationLevel: number;
  /** 0: no session yet, or none. Since version 7. */
  readonly sessionId: number;
  /** -1: no session; 0: begin one; else counts its requests. Since version 7. */
  readonly sessionEpoch: number;
  readonly topics: readonly FetchTopics[];
  /** Partitions to drop from the session. Since version 7. */
  readonly forgottenTopicsData: readonly FetchForgottenTopicsData[];
  /** Where the consumer is (KIP-392). Since version 11. */
  readonly rackId: string;
}
