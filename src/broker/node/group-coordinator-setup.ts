// Builds the group coordinator over this broker's partitions. Loaded with the coordinator's room, when groups are used.
import { CONSUMER_OFFSETS } from '../../api-handlers/index.ts';
import { type GroupCoordinator, groupCoordinatorConfig, makeGroupCoordinator } from '../../group-coordinator/index.ts';
import type { ReplicaManager } from '../../replication/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import { ReplicaPartitionWriter } from './partition-writer.ts';

export function groupCoordinatorOf(
  runtime: Runtime,
  configs: BrokerConfigs,
  replicas: ReplicaManager,
): Promise<GroupCoordinator> {
  return makeGroupCoordinator({
    runtime,
    config: () => configs.current(groupCoordinatorConfig),
    writer: new ReplicaPartitionWriter({ replicas, topic: CONSUMER_OFFSETS, clock: runtime.clock }),
    partitionCount: () => replicas.image.topics.byName.get(CONSUMER_OFFSETS)?.partitions.length,
  });
}
