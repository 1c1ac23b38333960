// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface WriteTxnMarkersMarkersTopics {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface WriteTxnMarkersMarkers {
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  /** true: COMMIT, false: ABORT. */
  readonly transactionResult: boolean;
  readonly topics: readonly WriteTxnMarkersMarkersTopics[];
  readonly coordinatorEpoch: number;
  /** Level of transaction.version; 0 in requests that do not say. Since version 2. */
  readonly transactionVersion: number;
}

export interface WriteTxnMarkersRequest {
  readonly markers: readonly WriteTxnMarkersMarkers[];
}
