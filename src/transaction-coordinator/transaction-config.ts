// The configs of the transaction coordinator (Kafka: TransactionStateManagerConfig, TransactionLogConfig), as far as they
// have effect here.
import { config } from '../runtime/index.ts';

const { int, short } = config;

export const transactionConfig = {
  transactionMaxTimeoutMs: int('transaction.max.timeout.ms', 900000)
    .atLeast(1)
    .doc('Longest transaction timeout that a producer may ask for.'),
  transactionStateLogNumPartitions: int('transaction.state.log.num.partitions', 50)
    .atLeast(1)
    .doc('Partitions of __transaction_state when it is created.'),
  transactionStateLogReplicationFactor: short('transaction.state.log.replication.factor', 3)
    .atLeast(1)
    .doc('Replicas of __transaction_state when it is created.'),
  transactionStateLogMinIsr: int('transaction.state.log.min.isr', 2)
    .atLeast(1)
    .doc('The min.insync.replicas of __transaction_state.'),
  transactionStateLogSegmentBytes: int('transaction.state.log.segment.bytes', 104857600)
    .atLeast(1)
    .doc('The segment.bytes of __transaction_state when it is created.'),
} as const;
