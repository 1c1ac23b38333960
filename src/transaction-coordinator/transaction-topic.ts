// The topic in which the transaction coordinator keeps its state (Kafka: TransactionLogConfig).
import type { InternalTopic } from '../coordinator-common/index.ts';
import { transactionConfig } from './transaction-config.ts';

export const transactionState: InternalTopic = {
  name: '__transaction_state',
  settings: (configs) => {
    const config = configs.current(transactionConfig);
    return {
      partitions: config.transactionStateLogNumPartitions,
      replicationFactor: config.transactionStateLogReplicationFactor,
      configs: {
        'unclean.leader.election.enable': 'false',
        'compression.type': 'uncompressed',
        'cleanup.policy': 'compact',
        'min.insync.replicas': String(config.transactionStateLogMinIsr),
        'segment.bytes': String(config.transactionStateLogSegmentBytes),
      },
    };
  },
};
