// The transaction coordinator: transactions of producers, for the partitions of __transaction_state that this node leads, and
// producer ids. The coordinator is loaded when it is first needed; its configs, and producer ids, are there from the start.
import type { TransactionCoordinator, TransactionCoordinatorOptions } from './transaction-coordinator.ts';

export type { PartitionsOfProducer } from './add-partitions.ts';
export { isImpossible, isOfNoEpoch, type MarkerToWrite, type MarkerWriter } from './marker-writer.ts';
export { type AllocateProducerIds, type ProducerIdBlock, ProducerIds } from './producer-ids.ts';
export { transactionConfig } from './transaction-config.ts';
export type { TransactionCoordinator, TransactionCoordinatorOptions } from './transaction-coordinator.ts';
export { transactionState } from './transaction-topic.ts';

export async function makeTransactionCoordinator(
  options: TransactionCoordinatorOptions,
): Promise<TransactionCoordinator> {
  const room = await import('./transaction-coordinator.ts');
  return new room.TransactionCoordinator(options);
}
