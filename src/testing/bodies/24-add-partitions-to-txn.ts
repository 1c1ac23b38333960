// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AddPartitionsToTxnTransactionsTopics {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AddPartitionsToTxnTransactions {
  readonly transactionalId: string;
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  /** true: only ask whether the partitions are in the transaction. */
  readonly verifyOnly: boolean;
  readonly topics: readonly AddPartitionsToTxnTransactionsTopics[];
}

export interface AddPartitionsToTxnV3AndBelowTopics {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AddPartitionsToTxnRequest {
  /** Since version 4. */
  readonly transactions: readonly AddPartitionsToTxnTransactions[];
  /** Until version 3. */
  readonly v3AndBelowTransactionalId: string;
  /** Until version 3. */
  readonly v3AndBelowProducerId: number | bigint;
  /** Until version 3. */
  readonly v3AndBelowProducerEpoch: number;
  /** Until version 3. */
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnV3AndBelowTopics[];
}
