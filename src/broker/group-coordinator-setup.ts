// Builds the group coordinator over this broker's partitions. Loaded with the coordinator's room, when groups are used.
import { CONSUMER_OFFSETS } from '../api-handlers/index.ts';
import { GroupCoordinator, groupCoordinatorConfig } from '../group-coordinator/index.ts';
import type { ReplicaManager } from '../replication/index.ts';
import type { Runtime } from '../runtime/index.ts';
import type { BrokerConfigs } from './dynamic-config.ts';
import { ReplicaPartitionWriter } from './partition-writer.ts';

export function groupCoordinatorOf(
  runtime: Runtime,
  configs: BrokerConfigs,
  replicas: ReplicaManager,
): GroupCoordinator {
  return new GroupCoordinator({
    runtime,
    config: configs.current(groupCoordinatorConfig),
    writer: new ReplicaPartitionWriter(replicas, CONSUMER_OFFSETS),
    partitionCount: () => replicas.image.topics.byName.get(CONSUMER_OFFSETS)?.partitions.length,
  });
}
