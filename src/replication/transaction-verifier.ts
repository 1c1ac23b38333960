// Whether a partition is part of the transaction under which something is about to be appended to it (KIP-890; Kafka:
// AddPartitionsToTxnManager). A port: the answer is with the transaction coordinator, perhaps on another node.
import { Errors, type Int64 } from '../protocol/index.ts';
import type { Partition } from './partition.ts';

export interface TransactionalAppend {
  readonly transactionalId: string;
  readonly partition: Partition;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  /** The client leaves it to the broker to add the partition to its transaction. */
  readonly addsPartition: boolean;
}

export interface TransactionVerifier {
  /**
   * 0, or why not: TRANSACTION_ABORTABLE when the partition is not part of an open transaction of the producer. The answer
   * is a number where nobody has to be asked, and comes within a bounded time where somebody has.
   */
  verify(append: TransactionalAppend): number | Promise<number>;
}

/** Where no transactions are served: no partition has been added to any. */
export const noTransactions: TransactionVerifier = { verify: () => Errors.TRANSACTION_ABORTABLE };
