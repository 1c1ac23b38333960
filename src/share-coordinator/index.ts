// The share coordinator: what share groups have done with the records of their partitions (KIP-932), for the partitions of
// __share_group_state that this node leads. The room is loaded when it is first needed; its configs are known from the start.
import type { ShareCoordinator, ShareCoordinatorOptions } from './share-coordinator.ts';

export type { ShareCoordinator, ShareCoordinatorOptions } from './share-coordinator.ts';
export { type ShareCoordinatorConfig, shareCoordinatorConfig } from './share-coordinator-config.ts';
export { shareGroupState } from './share-group-state.ts';
export { coordinatorKeyOf } from './share-partition-key.ts';

export async function makeShareCoordinator(options: ShareCoordinatorOptions): Promise<ShareCoordinator> {
  const room = await import('./share-coordinator.ts');
  return new room.ShareCoordinator(options);
}
