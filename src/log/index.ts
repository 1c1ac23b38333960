// The log room: partitions on disk in Kafka's file formats.
export type { AppendInfo, AppendOptions, AppendOrigin, RecordError } from './append-info.ts';
export { DirectoryLockedError } from './log-directory.ts';
export { claimLogDirs, type LogDirectories } from './log-directories.ts';
export type { EpochEnd } from './leader-epochs.ts';
export type { LogListener } from './log-appender.ts';
export { defaultLogConfig, type LogConfig, logConfig } from './log-config.ts';
export {
  type DirectoryFailure,
  DuplicateLogError,
  LogManager,
  type LogManagerOptions,
} from './log-manager.ts';
export type { LogRuntime } from './log-environment.ts';
export { futureDirectoryNameLength, METADATA_TOPIC, parentDirectory } from './log-names.ts';
export type { BufferSource, LogSlice } from './log-slice.ts';
export { METADATA_TOPIC_ID, openLog, type OpenLogOptions } from './open-log.ts';
export { PartitionLog, type ProducerRow } from './partition-log.ts';
export { UnsupportedFormatError } from './segment-recovery.ts';
export type { TimestampAndOffset } from './timestamp-lookup.ts';
export {
  type TopicConfigKey,
  topicConfigKey,
  topicConfigKeys,
  type TopicLogConfig,
  topicLogConfig,
} from './topic-log-config.ts';
export type { AbortedTransaction } from './transaction-index.ts';
export type { Durability } from './write-queue.ts';
export type { WriteWaiter } from './write-waiters.ts';
