// The configs of the transaction coordinator (Kafka: TransactionStateManagerConfig, TransactionLogConfig,
// AddPartitionsToTxnConfig).
import { config, type ConfigOf } from '../runtime/index.ts';

const { boolean, int, short } = config;

export const transactionConfig = {
  addPartitionsToTxnRetryBackoffMs: int('add.partitions.to.txn.retry.backoff.ms', 20)
    .atLeast(1)
    .doc('Pause before a partition is added to a transaction again while the one before is being ended.'),
  addPartitionsToTxnRetryBackoffMaxMs: int('add.partitions.to.txn.retry.backoff.max.ms', 100)
    .atLeast(0)
    .doc('How long a partition is tried to be added to a transaction while the one before is being ended.'),
  transactionAbortTimedOutTransactionCleanupIntervalMs: int(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    10_000,
  )
    .atLeast(1)
    .doc('How often transactions beyond their time-out are sought and aborted.'),
  transactionMaxTimeoutMs: int('transaction.max.timeout.ms', 900000)
    .atLeast(1)
    .doc('Longest transaction timeout that a producer may ask for.'),
  transactionRemoveExpiredTransactionCleanupIntervalMs: int(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    3_600_000,
  )
    .atLeast(1)
    .doc('How often transactional ids that have expired are sought and removed.'),
  transactionTwoPhaseCommitEnable: boolean('transaction.two.phase.commit.enable', false).doc(
    'Whether producers may keep transactions open for an outside coordinator (KIP-939).',
  ),
  transactionalIdExpirationMs: int('transactional.id.expiration.ms', 604_800_000)
    .atLeast(1)
    .doc('How long a transactional id that nobody uses is kept.'),
  transactionStateLogLoadBufferSize: int('transaction.state.log.load.buffer.size', 5_242_880)
    .atLeast(1)
    .doc('Bytes of one read when __transaction_state is loaded; more than 512 KiB are not read at once.'),
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

export type TransactionConfig = ConfigOf<typeof transactionConfig>;
