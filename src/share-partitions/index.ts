// Share partitions on the side of their leader: what members of share groups read, hold and acknowledge (KIP-932). The room is
// loaded when a share group first reads; its configs are known from the start.
import type { SharePartitionManager, SharePartitionManagerOptions } from './share-partition-manager.ts';

export type { ShareFetchAnswer } from './delayed-share-fetch.ts';
export type { SharePersister } from './persister.ts';
export type { ShareGroupSettings } from './share-partition.ts';
export type {
  NamedPartition,
  ShareFetchCall,
  SharePartitionManager,
  SharePartitionManagerOptions,
} from './share-partition-manager.ts';
export type { SessionPartition, ShareSession } from './share-sessions.ts';
export { type StartsAt, startsAtOf } from './starts-at.ts';
export { type SharePartitionsConfig, sharePartitionsConfig } from './share-partitions-config.ts';

export async function makeSharePartitionManager(options: SharePartitionManagerOptions): Promise<SharePartitionManager> {
  const room = await import('./share-partition-manager.ts');
  return new room.SharePartitionManager(options);
}
