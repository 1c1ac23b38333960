// Transactions in every state, and the circumstances of decisions about them.
import type { Int64 } from '../../src/protocol/index.ts';
import type { Circumstances, CurrentTransaction } from '../../src/transaction-coordinator/decision.ts';
import { type TransactionMetadata, TransactionState } from '../../src/transaction-coordinator/transaction-metadata.ts';
import { TransactionPartitions } from '../../src/transaction-coordinator/transaction-partitions.ts';

export const NOW = 1_700_000_000_000;
export const PRODUCER_ID = 4000;
export const FOO = [{ topic: 'foo', partitions: [0, 1] }];

const OPEN: ReadonlySet<TransactionState> = new Set([
  TransactionState.ONGOING,
  TransactionState.PREPARE_COMMIT,
  TransactionState.PREPARE_ABORT,
]);

/** A transaction of which only what matters is said. */
export function transaction(parts: Partial<TransactionMetadata> = {}): TransactionMetadata {
  const isOpen = OPEN.has(parts.state ?? TransactionState.EMPTY);
  return {
    transactionalId: 'tx',
    producerId: PRODUCER_ID,
    previousProducerId: PRODUCER_ID,
    nextProducerId: -1,
    producerEpoch: 5,
    lastProducerEpoch: -1,
    timeoutMs: 60_000,
    state: TransactionState.EMPTY,
    partitions: isOpen ? TransactionPartitions.of(FOO) : TransactionPartitions.none,
    startTimestampMs: isOpen ? NOW - 10 : -1,
    lastUpdateTimestampMs: NOW - 10,
    clientTransactionVersion: 2,
    ...parts,
  };
}

export const current = (parts: Partial<TransactionMetadata> = {}, isPending = false): CurrentTransaction => ({
  metadata: transaction(parts),
  isPending,
});

/** `ids`: those that are at hand. */
export function circumstances(transactionVersion = 2, ids: Int64[] = [7000]): Circumstances {
  return {
    nowMs: NOW,
    transactionVersion,
    takeProducerId: () => {
      const id = ids.shift();
      if (id === undefined) throw new Error('no id was expected to be taken');
      return id;
    },
  };
}
