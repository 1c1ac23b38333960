// Transactions. Producer ids are served; transactions themselves are not.
export { type AllocateProducerIds, type ProducerIdBlock, ProducerIds } from './producer-ids.ts';
