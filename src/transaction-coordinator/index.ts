// Transactions. Producer ids are served; transactions themselves are not.
export type { MarkerToWrite, MarkerWriter } from './marker-writer.ts';
export { type AllocateProducerIds, type ProducerIdBlock, ProducerIds } from './producer-ids.ts';
export { transactionConfig } from './transaction-config.ts';
export { transactionState } from './transaction-topic.ts';
