// The runtime in which every coordinator shard lives, whatever it coordinates, and what a coordinator is to its host.
export { type Answer, answering, coordinatorError, eachOnce, followedBy, together } from './answers.ts';
export type { Coordinator } from './coordinator.ts';
export type { CurrentConfigs, InternalTopic, InternalTopicSettings } from './internal-topic.ts';
export type {
  AppendResult,
  AppendWatcher,
  ClientTransaction,
  CommitWaiter,
  LogReader,
  PartitionWriter,
} from './partition-writer.ts';
export { CoordinatorRuntime, type CoordinatorRuntimeOptions } from './runtime.ts';
export {
  type CoordinatorShard,
  Effects,
  type EncodedRecord,
  Held,
  type Producer,
  type RecordSerde,
  type TransactionMarker,
} from './shard.ts';
