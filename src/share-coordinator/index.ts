// The share coordinator: what share groups have done with the records of their partitions (KIP-932). Its topic and configs
// are known; it is not served.
export { shareCoordinatorConfig } from './share-coordinator-config.ts';
export { shareGroupState } from './share-group-state.ts';
