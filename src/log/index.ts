// The log room: partitions on disk in Kafka's file formats.
export type { AppendInfo, AppendOptions, AppendOrigin, RecordError } from './validation/append-info.ts';
export { DamagedLogError } from './segments/damaged-log-error.ts';
export { holdsLog, holdsLogs, isBrokerFile } from './manager/directory-contents.ts';
export type { FoundLog } from './manager/open-logs.ts';
export { DirectoryLockedError, lockDirectory, type LockParts } from './manager/log-directory.ts';
export {
  claimExistingLogDirs,
  claimRemainingLogDirs,
  type LogDirectories,
} from './manager/log-directories.ts';
export type { EpochEnd } from './segments/leader-epochs.ts';
export { defaultLogConfig, type LogConfig, logConfig } from './config/log-config.ts';
export {
  type DirectoryFailure,
  DuplicateLogError,
  LogManager,
  type LogManagerOptions,
} from './manager/log-manager.ts';
export type { DiskFailed, LogRuntime } from './partition/log-environment.ts';
export { futureDirectoryNameLength, parentDirectory } from './segments/log-names.ts';
export type { BufferSource, LogSlice } from './partition/log-slice.ts';
export { openLog, type OpenLogOptions } from './manager/open-log.ts';
export { PartitionLog } from './partition/partition-log.ts';
export { UnsupportedOffsetError } from './recovery/partition-directory.ts';
export type { ProducerRow } from './producers/producer-row.ts';
export { SlicedWork } from './sliced-work.ts';
export { type StartedAppend, VerificationGuard } from './producers/verification.ts';
export type { TimestampAndOffset } from './partition/timestamp-lookup.ts';
export {
  type TopicConfigKey,
  topicConfigKey,
  topicConfigKeys,
  type TopicLogConfig,
  topicLogConfig,
} from './config/topic-log-config.ts';
export type { AbortedTransaction } from './segments/transaction-index.ts';
export type { WriteWaiter } from './partition/write-waiters.ts';
