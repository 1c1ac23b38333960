// How the broker's own topics are made when somebody asks for them (GroupCoordinatorConfig, TransactionLogConfig,
// ShareCoordinatorConfig).
import {
  type AutoCreationSettings,
  CONSUMER_OFFSETS,
  SHARE_GROUP_STATE,
  TRANSACTION_STATE,
} from '../../api-handlers/index.ts';
import type { GroupCoordinatorConfig } from '../../group-coordinator/index.ts';
import type { Settings } from '../configs/settings.ts';

export function internalTopics(
  config: Settings['broker'],
  groups: GroupCoordinatorConfig,
  brokerCount: () => number,
): AutoCreationSettings['internalTopics'] {
  // Kafka's defaults ask for three replicas, and nothing works until there are three brokers; every container of it sets
  // them to one. Here as many as there are brokers for do.
  const replicas = (wanted: number): number => Math.max(1, Math.min(wanted, brokerCount()));
  return {
    [CONSUMER_OFFSETS]: () => ({
      partitions: groups.offsetsTopicNumPartitions,
      replicationFactor: replicas(groups.offsetsTopicReplicationFactor),
      configs: {
        'cleanup.policy': 'compact',
        'segment.bytes': String(groups.offsetsTopicSegmentBytes),
        'compression.type': 'producer',
      },
    }),
    [TRANSACTION_STATE]: () => ({
      partitions: config.transactionStateLogNumPartitions,
      replicationFactor: replicas(config.transactionStateLogReplicationFactor),
      configs: {
        'unclean.leader.election.enable': 'false',
        'compression.type': 'uncompressed',
        'cleanup.policy': 'compact',
        'min.insync.replicas': String(config.transactionStateLogMinIsr),
        'segment.bytes': String(config.transactionStateLogSegmentBytes),
      },
    }),
    [SHARE_GROUP_STATE]: () => ({
      partitions: config.shareStateTopicNumPartitions,
      replicationFactor: replicas(config.shareStateTopicReplicationFactor),
      configs: {
        'unclean.leader.election.enable': 'false',
        'compression.type': 'uncompressed',
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
        'min.insync.replicas': String(config.shareStateTopicMinIsr),
        'segment.bytes': String(config.shareStateTopicSegmentBytes),
      },
    }),
  };
}
