// The topic in which the share coordinator keeps its state (Kafka: ShareCoordinatorConfig).
import type { InternalTopic } from '../coordinator-common/index.ts';
import { shareCoordinatorConfig } from './share-coordinator-config.ts';

export const shareGroupState: InternalTopic = {
  name: '__share_group_state',
  settings: (configs) => {
    const config = configs.current(shareCoordinatorConfig);
    return {
      partitions: config.shareStateTopicNumPartitions,
      replicationFactor: config.shareStateTopicReplicationFactor,
      configs: {
        'unclean.leader.election.enable': 'false',
        'compression.type': 'uncompressed',
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
        'min.insync.replicas': String(config.shareStateTopicMinIsr),
        'segment.bytes': String(config.shareStateTopicSegmentBytes),
      },
    };
  },
};
