// The group coordinator: groups of all kinds, and committed offsets, for the partitions of __consumer_offsets that this node
// leads.
// The room is loaded when it is first needed; its configs are known from the start.
import type { GroupCoordinator, GroupCoordinatorOptions } from './group-coordinator.ts';

export { consumerOffsets } from './consumer-offsets.ts';
export { checkGroupConfigs, groupConfigKeys, groupConfigValue } from './group-config.ts';
export type { GroupCoordinator, GroupCoordinatorOptions } from './group-coordinator.ts';
export type { GroupRequestContext } from './shards.ts';
export type { ShareStates } from './share/share-states.ts';
export { type GroupCoordinatorConfig, groupCoordinatorConfig } from './group-coordinator-config.ts';

export async function makeGroupCoordinator(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
  const room = await import('./group-coordinator.ts');
  return new room.GroupCoordinator(options);
}
