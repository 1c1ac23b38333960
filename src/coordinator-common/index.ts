// The runtime in which every coordinator shard lives: groups, later transactions and share groups.
export type { AppendResult, CommitWaiter, LogReader, PartitionWriter } from './partition-writer.ts';
export { CoordinatorRuntime, type CoordinatorRuntimeOptions } from './runtime.ts';
export { type CoordinatorShard, Effects, type EncodedRecord, Held, type RecordSerde } from './shard.ts';
