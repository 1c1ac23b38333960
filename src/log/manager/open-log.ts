// Opens one log by itself: that of cluster metadata. It is always taken for unclean from its first byte on, so every batch
// of it is checked at each start, as in Kafka (KafkaRaftLog).
import type { TopicLogConfig } from '../config/topic-log-config.ts';
import { readTopicId } from '../segments/checkpoints.ts';
import type { LogConfig } from '../config/log-config.ts';
import { type LogRuntime, makeEnvironment } from '../partition/log-environment.ts';
import { LogState } from '../partition/log-state.ts';
import { loadLog } from '../partition/partition-loader.ts';
import { PartitionLog } from '../partition/partition-log.ts';
import { SlicedWork } from '../sliced-work.ts';
import type { Durability } from '../partition/write-queue.ts';

export interface OpenLogOptions {
  readonly runtime: LogRuntime;
  /** Of the partition; made when absent. */
  readonly directory: string;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  readonly config: LogConfig;
  readonly topicConfig: TopicLogConfig;
  readonly durability: Durability;
}

/** Rejects with DiskError, UnsupportedFormatError. */
export async function openLog(options: OpenLogOptions): Promise<PartitionLog> {
  const environment = makeEnvironment(options);
  const { directory, topic, partition } = options;
  environment.disk.makeDirectorySync(directory);
  const work = new SlicedWork(environment.clock);
  const loaded = await work.run(
    loadLog(environment, {
      directory,
      config: options.topicConfig,
      isClean: false,
      recoveryPoint: 0,
      logStartOffset: 0,
    }),
  );
  const topicId = (loaded.hasMetadata ? readTopicId(environment.disk, directory) : undefined) ?? options.topicId;
  const state = new LogState(
    environment,
    { topic, partition, topicId, directory, config: options.topicConfig },
    loaded,
  );
  return new PartitionLog(state);
}
