// The topic in which the group coordinator keeps its state (Kafka: GroupCoordinatorConfig).
import type { InternalTopic } from '../coordinator-common/index.ts';
import { groupCoordinatorConfig } from './group-coordinator-config.ts';

export const consumerOffsets: InternalTopic = {
  name: '__consumer_offsets',
  settings: (configs) => {
    const config = configs.current(groupCoordinatorConfig);
    return {
      partitions: config.offsetsTopicNumPartitions,
      replicationFactor: config.offsetsTopicReplicationFactor,
      configs: {
        'cleanup.policy': 'compact',
        'segment.bytes': String(config.offsetsTopicSegmentBytes),
        'compression.type': 'producer',
      },
    };
  },
};
