// Partitions of this node, their waiting rooms and fetch sessions.
export { type ClosableScope, type FetchResponseBuilder, DelayedFetch } from './fetching/delayed-fetch.ts';
export { FetchAnswer, type FetchOptions } from './fetching/fetch-answer.ts';
export {
  type FetchContext,
  FetchSessionCache,
  FetchTarget,
  NO_SESSION,
  type PartitionToFetch,
} from './fetching/fetch-session.ts';
export { type AppendToVerify, type Verdict, type VerificationGuard, verifyAppend } from './append-verification.ts';
export type { ReplicaController } from './neighbours.ts';
export { Partition } from './partition.ts';
export type { AckWaiter } from './pending-acks.ts';
export { alterReplicaLogDir } from './alter-log-dirs.ts';
export { DelayedDeletion, type Deletion } from './delayed-deletion.ts';
export { describeLogDirs, type LogDirDescription } from './log-dirs.ts';
export {
  type DeletionResult,
  deleteRecords,
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  type EpochEnd,
  endOffsetForEpoch,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  type ListedOffset,
  listOffset,
  MAX_TIMESTAMP,
} from './partition-queries.ts';
export { Purgatory } from './purgatory.ts';
export { ReadBuffers, ReadLease } from './fetching/read-buffers.ts';
export type { DirectoryEvents, DirectoryOptions } from './directories/replica-directories.ts';
export { ReplicaManager, type ReplicaManagerOptions } from './replica-manager.ts';
export { type ReplicationConfig, replicationConfig } from './replication-config.ts';
export { endTransactionOn, type TransactionEnd } from './transaction-marker.ts';
export { noTransactions, type TransactionalAppend, type TransactionVerifier } from './transaction-verifier.ts';
