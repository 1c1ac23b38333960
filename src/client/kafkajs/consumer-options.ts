// What a kafkajs program tells a consumer, and what its handlers are given.
import type { RetryOptions } from './options.ts';
import type { KafkaMessage, PartitionBatch } from './partition-batch.ts';

export interface ConsumerConfig {
  readonly groupId: string;
  readonly sessionTimeout?: number;
  readonly rebalanceTimeout?: number;
  readonly heartbeatInterval?: number;
  readonly maxBytesPerPartition?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly maxWaitTimeInMs?: number;
  readonly readUncommitted?: boolean;
  readonly rackId?: string;
  readonly allowAutoTopicCreation?: boolean;
  readonly retry?: RetryOptions;
}

export interface EachMessagePayload {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
  heartbeat(): Promise<void>;
  pause(): () => void;
}

export interface EachBatchPayload {
  readonly batch: PartitionBatch;
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  pause(): () => void;
  commitOffsetsIfNecessary(): Promise<void>;
  uncommittedOffsets(): { readonly topics: readonly unknown[] };
  isRunning(): boolean;
  isStale(): boolean;
}

export interface RunConfig {
  readonly autoCommit?: boolean;
  readonly autoCommitInterval?: number | null;
  readonly autoCommitThreshold?: number | null;
  readonly eachBatchAutoResolve?: boolean;
  readonly partitionsConsumedConcurrently?: number;
  readonly eachBatch?: (payload: EachBatchPayload) => Promise<void>;
  readonly eachMessage?: (payload: EachMessagePayload) => Promise<void>;
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions?: readonly number[];
}
